"""The two consents, and what follows a refusal."""

from dataclasses import replace

from intercup.domain.consent import current_version
from intercup.domain.dialogue.draft import Draft, Outcome, Say, Turn
from intercup.domain.dialogue.interruption import interruption
from intercup.domain.dialogue.moves import at_next_step
from intercup.domain.dialogue.yes_words import is_explicit_yes
from intercup.domain.directory import Directory

CONSENT_HELP = "utter_consent_help"
CONSENT_CHANGED = Say("utter_consent_changed")
NO_HURRY = Say("utter_no_hurry")


def consent_step(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Answer to a consent: an explicit yes to the current text, or a refusal."""
    if is_explicit_yes(turn):
        version = current_version(draft.step or "")
        if draft.consent_asked != version:
            return Outcome(at_next_step(draft, directory), (CONSENT_CHANGED,))
        accepted = draft.with_consent(draft.step or "", version)
        return Outcome(at_next_step(accepted, directory))
    if turn.intent == "deny":
        return Outcome(replace(draft, step="refusal"))
    if turn.intent == "affirm":
        return Outcome(draft, (NO_HURRY,))
    if turn.intent == "request_assistance":
        return Outcome(draft, (Say(CONSENT_HELP),))
    return interruption(draft, turn, directory, unknown=CONSENT_HELP)


def refusal_step(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Answer to: go back, leave it, or delete it?"""
    if turn.intent == "affirm":
        return Outcome(at_next_step(draft, directory))
    if turn.intent == "deny":
        return Outcome(replace(draft, step=None), (Say("utter_request_kept"),), "pause")
    return None
