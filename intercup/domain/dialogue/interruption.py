"""Turns that don't answer the open question."""

from dataclasses import replace

from intercup.domain.dialogue.draft import Draft, Outcome, Say, Turn
from intercup.domain.dialogue.emergency import EMERGENCY, FALLBACK, TAKEN_BACK
from intercup.domain.dialogue.moves import edit, editable
from intercup.domain.dialogue.structure import named
from intercup.domain.dialogue.words import field_named, speaks_of_cancelling, speaks_of_correcting
from intercup.domain.directory import Directory

# Intents that may interrupt any step: the answer is given, then the same question comes again.
INTERRUPTIONS = frozenset(
    {"greet", "goodbye", "thank", "frustration", "out_of_scope", "request_assistance"}
    | {"ask_bot_identity", "ask_capabilities", "ask_human"}
    | {"ask_request_status", "ask_wrong_recipient"}
)
# Intents that answer the questions of the flow.
STEP_ANSWERS = frozenset(
    {"affirm", "deny", "cancel", "edit_answer", "inform_structure", "no_structure"}
)
OTHER_INTENTS = INTERRUPTIONS | STEP_ANSWERS | {EMERGENCY, TAKEN_BACK, "faq", FALLBACK}
UNKNOWN_ANSWER = "utter_step_unknown"


def interruption(
    draft: Draft, turn: Turn, directory: Directory, unknown: str = UNKNOWN_ANSWER
) -> Outcome:
    """Respond to a turn that doesn't answer the question, and leave the question open."""
    if turn.intent == "cancel" and speaks_of_cancelling(turn.text):
        return Outcome(replace(draft, step="cancel_check"))
    if turn.intent == "edit_answer":
        return _edit_in_words(draft, turn, directory, unknown)
    if turn.intent == TAKEN_BACK:
        return Outcome(draft, (Say("utter_alarm_over"),))
    return Outcome(
        draft, (Say(answer_to(turn.intent) if is_interruption(turn.intent) else unknown),)
    )


def is_interruption(intent: str) -> bool:
    """Return True if an intent may interrupt any step."""
    return intent in INTERRUPTIONS or intent.startswith("faq/")


def answer_to(intent: str) -> str:
    """Return the response that an intent gets during a request.

    Responses are named after intents. Only a greeting has two: the one outside a request asks
    what the citizen needs, which is known here.
    """
    return "utter_greet_again" if intent == "greet" else f"utter_{intent}"


def _edit_in_words(draft: Draft, turn: Turn, directory: Directory, unknown: str) -> Outcome:
    """Go to the field to change; "no, volevo dire Siracusa" also contains the answer."""
    wanted = editable(draft, turn.field or field_named(turn.text))
    if editable(draft, "structure") and wanted in (None, "structure") and turn.text:
        outcome = named(draft, turn, directory)
        if outcome:
            return outcome
    if wanted:
        return edit(draft, wanted)
    if speaks_of_correcting(turn.text):
        return Outcome(replace(draft, step="edit_choice"))
    return Outcome(draft, (Say(unknown),))
