"""The two consents, and what follows a refusal."""

import re
from dataclasses import replace

from intercup.domain.consent import current_version
from intercup.domain.dialogue.draft import Draft, Outcome, Say, Turn
from intercup.domain.dialogue.interruption import interruption
from intercup.domain.dialogue.moves import at_next_step
from intercup.domain.dialogue.words import is_question, puts_off
from intercup.domain.dialogue.yes_words import is_explicit_yes
from intercup.domain.directory import Directory

CONSENT_HELP = "utter_consent_help"
CONSENT_CHANGED = Say("utter_consent_changed")
NO_HURRY = Say("utter_no_hurry")
YES_UNCLEAR = Say("utter_yes_unclear")


_IN_SHORT = {"privacy": "utter_privacy_in_short", "regulation": "utter_regulation_in_short"}
# "Sì ma un momento" and "non ancora, adesso lo leggo" are neither a yes nor a refusal.
_NO_REFUSAL = re.compile(r"^\W*(s[iì]|ok|va bene|certo)\b|\b(ok|ecco|fatto|ora|adesso)\W+letto\b")
_IF_NOT = re.compile(
    r"""
    \b(se|senza|quando)\b.{0,20}\b(non|no|autorizz|consens|accett|conferm)
    | \bobblig | \bper\ forza\b | \bposso\ (anche\ )?(non|rifiut)
    """,
    re.VERBOSE,
)
_NOT_CLEAR = re.compile(
    r"""
    \bnon\ (ho\ |mi\ è\ |l'ho\ |lo\ |la\ )?(capi|chiar|compre)
    | \b(ripet|spieg|semplic)
    | \b(cosa|che)\ (significa|vuol|devo|sarebbe)
    | \bin\ (altre|poche)\ parole\b
    """,
    re.VERBOSE,
)
_FOR_ANOTHER = re.compile(
    r"""
    \b(per\ conto|al\ posto|a\ nome)\b
    | \bsono\ (il|la|suo|sua)\ (figli|nipote|moglie|marito|sorella|frat)
    | \b(scrivo|chiedo|prenoto|è)\ per\ (mi|un|su)
    | \b(figli[oa]|nipote|badante|tutore|tutrice|caregiver|amministratore\ di\ sostegno)\b
    """,
    re.VERBOSE,
)
# "Figlia mia" speaks to the assistant; and a text read aloud by somebody is answered for oneself.
_NOT_FOR_ANOTHER = re.compile(
    r"\bfigli[oa] mi[oa]\b|\bmi[oa] \w+ m[ei] l\W?\s?ha \w+|\bm[ei] l\W?\s?ha \w+ mi[oa] \w+"
)


def consent_step(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Answer to a consent: an explicit yes to the current text, or a refusal.

    A question is answered from the consent's own facts; it is neither.
    """
    if is_explicit_yes(turn, draft.step):
        version = current_version(draft.step or "")
        if draft.consent_asked != version:
            return Outcome(at_next_step(draft, directory), (CONSENT_CHANGED,))
        accepted = draft.with_consent(draft.step or "", version)
        return Outcome(at_next_step(accepted, directory))
    if answer := _answer(draft, turn):
        return Outcome(draft, (Say(answer),))
    seems_a_yes = turn.intent == "affirm" or draft.step in turn.yes_to
    if seems_a_yes and not puts_off(turn.text):
        return Outcome(draft, (YES_UNCLEAR,))
    if puts_off(turn.text) or _NO_REFUSAL.search((turn.text or "").lower()):
        return Outcome(draft, (NO_HURRY,))
    if turn.intent == "deny":
        return Outcome(replace(draft, step="refusal"))
    if turn.intent == "request_assistance":
        return Outcome(draft, (Say(CONSENT_HELP),))
    return interruption(draft, turn, directory, unknown=CONSENT_HELP)


def _answer(draft: Draft, turn: Turn) -> str | None:
    """Return the answer to a question about the consent, or to a word about who is asking."""
    text = (turn.text or "").lower()
    in_short = _IN_SHORT[draft.step or ""]
    if _NOT_CLEAR.search(text):
        return in_short
    if is_question(turn.text) and _IF_NOT.search(text):
        return "utter_without_consent"
    if _FOR_ANOTHER.search(_NOT_FOR_ANOTHER.sub("", text)):
        return "utter_for_another"
    if is_question(turn.text) and turn.intent in ("affirm", "deny"):
        return in_short
    return None


def refusal_step(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Answer to: go back, leave it, or delete it?"""
    if turn.intent == "affirm":
        return Outcome(at_next_step(draft, directory))
    if turn.intent == "deny":
        return Outcome(replace(draft, step=None), (Say("utter_request_kept"),), "pause")
    return None
