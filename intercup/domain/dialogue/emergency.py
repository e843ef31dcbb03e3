"""The alarm: a text that tells of an emergency stops the request until it is taken back."""

import re
from dataclasses import replace

from intercup.domain.dialogue.draft import Draft, Outcome, Say, Turn
from intercup.domain.dialogue.moves import at_next_step
from intercup.domain.dialogue.opening import STORY_MIN, offering
from intercup.domain.directory import Directory

EMERGENCY = "medical_emergency"
FALLBACK = "nlu_fallback"
TAKEN_BACK = "not_emergency"

_TAKEN_BACK = re.compile(
    r"""
    \bnon\ (è|e'|era|ho|c'è)\ (un\ |una\ |un'|nessuna\ )?(emergenz|urgenz)
    | \bnessuna\ emergenz
    | \bfalso\ allarme
    | \bst(a|o|anno|iamo)\ (tutti\ |gi[aà]\ |molto\ |adesso\ |ora\ )*(ben|megli)
    | \btutto\ (bene|a\ posto|ok|passato)
    | \b(solo|soltanto|semplice)\ (un\ |una\ |per\ )?(controll|visit|esam|prenot|inform)
    | \b(ho|abbiamo|hanno)\ (gi[aà]\ )?(chiamat|avvisat)
    | \b(112|118|soccorsi|ambulanza)\b[^.]{0,30}\ (gi[aà]|arriv)
    | \b(ripren|continui|andiamo\ avanti|proseg)
    | \b(anni|mesi|settimane)\ fa\b
    | \bl'anno\ scorso\b
    """,
    re.VERBOSE,
)


def raise_alarm(draft: Draft, turn: Turn, directory: Directory) -> Outcome:
    """Stop at a text that tells of an emergency: it answers no question and isn't a description."""
    step = draft.alarm_parts[2] if draft.step == "alarm" else draft.step
    read = replace(turn, intent=turn.next_intent or FALLBACK)
    alarm = f"{read.message_id} {read.intent} {step or ''}"
    draft = replace(draft, alarm=alarm, step="alarm" if draft.step else None)
    return Outcome(draft.hearing(read.heard(directory)))


def is_taken_back(turn: Turn) -> bool:
    """Return True if a turn says that there is no emergency, or none any more."""
    if turn.intent in (TAKEN_BACK, "deny"):
        return True
    return _TAKEN_BACK.search((turn.text or "").lower()) is not None


def after_alarm(draft: Draft, directory: Directory) -> Draft:
    """Return to the interrupted step; the alarming text is offered as the description."""
    message, _, step = draft.alarm_parts
    heard = draft.heard_in(message)
    if draft.description is None and heard.length >= STORY_MIN:
        draft = offering(draft, heard)
    draft = replace(draft, alarm=None)
    return replace(draft, step=step) if step else at_next_step(draft, directory)


def alarm_taken_back(draft: Draft, directory: Directory) -> Outcome:
    """Go on at the interrupted step, with the next reading of the alarming text."""
    _, intent, step = draft.alarm_parts
    draft = after_alarm(draft, directory)
    category = directory.category_of_intent.get(intent)
    if step == "category" and category:
        draft = at_next_step(replace(draft, category=category), directory)
    return Outcome(draft, (Say("utter_alarm_over"),))
