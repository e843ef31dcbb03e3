"""What isn't an answer to the question that is open."""

from dataclasses import replace

from intercup.domain.dialogue.draft import Draft, Outcome, Say, Turn
from intercup.domain.dialogue.moves import edit, editable, field_named
from intercup.domain.dialogue.structure import named
from intercup.domain.directory import Directory

# Intents that may interrupt any step: the answer is given, then the same question comes again.
ANSWER_OF_INTENT = {
    "greet": "utter_greet_again",
    "goodbye": "utter_goodbye",
    "thank": "utter_thank",
    "ask_bot_identity": "utter_bot_identity",
    "ask_capabilities": "utter_capabilities",
    "ask_human": "utter_human",
    "ask_request_status": "utter_request_status",
    "ask_wrong_recipient": "utter_wrong_recipient",
    "frustration": "utter_frustration",
    "out_of_scope": "utter_out_of_scope",
    "request_assistance": "utter_already_in_request",
}
EMERGENCY = "medical_emergency"
EMERGENCY_ANSWER = "utter_emergency"
UNKNOWN_ANSWER = "utter_step_unknown"


def interruption(
    draft: Draft, turn: Turn, directory: Directory, unknown: str = UNKNOWN_ANSWER
) -> Outcome:
    """Answer what isn't an answer to the question, and leave the question open."""
    if turn.intent == "cancel":
        return Outcome(replace(draft, step="cancel_check"))
    if turn.intent == "edit_answer":
        return _edit_in_words(draft, turn, directory)
    if turn.intent.startswith("faq/"):
        return Outcome(draft, (Say(f"utter_{turn.intent}"),))
    if turn.intent == EMERGENCY:
        return Outcome(draft, (Say(EMERGENCY_ANSWER),))
    answer = ANSWER_OF_INTENT.get(turn.intent, unknown)
    return Outcome(draft, (Say(answer),))


def _edit_in_words(draft: Draft, turn: Turn, directory: Directory) -> Outcome:
    """Go to the field that is to be changed; "no, volevo dire Siracusa" says the answer too."""
    wanted = editable(draft, turn.field or field_named(turn.text))
    if editable(draft, "structure") and wanted in (None, "structure") and turn.text:
        outcome = named(draft, turn, directory)
        if outcome:
            return outcome
    if wanted:
        return edit(draft, wanted)
    return Outcome(replace(draft, step="edit_choice"))
