"""Take the citizen's answer to the question that is open."""

from dataclasses import replace

from intercup.domain.dialogue.access import access_help, address_step, code_step
from intercup.domain.dialogue.draft import (
    CATEGORY_OF_INTENT,
    NO_STRUCTURE,
    SURE,
    Draft,
    Outcome,
    Say,
    Turn,
)
from intercup.domain.dialogue.moves import (
    at_next_step,
    back,
    edit,
    editable,
    field_named,
    structure_required,
    with_description,
    with_structure,
)
from intercup.domain.dialogue.opening import told
from intercup.domain.dialogue.yes_words import is_explicit_yes
from intercup.domain.directory import Directory
from intercup.domain.structure_names import resolve_structure
from intercup.domain.text import DESCRIPTION_MIN

# Intents that may interrupt any step: the answer is given, then the same question comes again.
ANSWER_OF_INTENT = {
    "greet": "utter_greet",
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
LOST_ANSWER = "utter_step_lost"

COMMAND_MAX = 60  # characters; a longer text is a description, not a command
QUESTION_MAX = 120  # characters; a longer text is a description, not a question to the assistant
MISSES_MAX = 2  # answers in a row after which another way is offered


def advance(draft: Draft, turn: Turn, directory: Directory) -> Outcome:
    """Take the citizen's answer to the question `draft.step`."""
    asked, draft = draft, replace(draft, misses=0)
    if turn.intent == EMERGENCY and not (draft.step == "description" and turn.length > COMMAND_MAX):
        return Outcome(draft, (Say(EMERGENCY_ANSWER),))
    handle = {
        "category": _category,
        "structure": _structure,
        "description": _description,
        "description_check": _description_check,
        "address": address_step,
        "code": code_step,
        "privacy": _consent,
        "regulation": _consent,
        "refusal": _refusal,
        "confirmation": _confirmation,
        "cancel_check": _cancel_check,
        "edit_choice": _edit_choice,
        "access_help": access_help,
    }[draft.step or "category"]
    outcome = handle(draft, turn, directory) or _interruption(draft, turn, directory)
    return _counting_misses(outcome, asked.misses)


def _counting_misses(outcome: Outcome, before: int) -> Outcome:
    """Offer another way to whoever isn't understood again and again."""
    if Say(UNKNOWN_ANSWER) not in outcome.say:
        return outcome
    misses = before + 1
    outcome = replace(outcome, draft=replace(outcome.draft, misses=misses))
    return replace(outcome, say=(Say(LOST_ANSWER),)) if misses >= MISSES_MAX else outcome


def _category(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    category = CATEGORY_OF_INTENT.get(turn.intent)
    if category is None:
        found = resolve_structure(turn.text or "", directory)
        return with_structure(draft, found.ids[0], directory) if found.kind == "one" else None
    return told(replace(draft, category=category), turn, directory)


def _structure(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    # Names come before intents: "no, Ragusa" and "sì, ma a Ragusa" name one.
    named = _named(draft, turn, directory)
    if named:
        return named
    if turn.intent == "affirm" and len(draft.candidates) == 1:
        return with_structure(draft, draft.candidates[0], directory)
    if turn.intent == "deny" and draft.candidates:
        return Outcome(replace(draft, candidates=()))
    if turn.intent in ("no_structure", "deny"):
        if not structure_required(draft, directory):
            return with_structure(draft, NO_STRUCTURE, directory)
        return Outcome(draft, (Say("utter_structure_required"),))
    if turn.intent == "inform_structure":
        return Outcome(draft, (Say("utter_structure_unknown"),))
    return None


def _named(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Take the structure that a button or a text names, or ask which of several is meant."""
    if turn.structure in directory.structure_by_id:
        return with_structure(draft, turn.structure, directory)
    found = resolve_structure(turn.text or "", directory)
    if found.kind == "one":
        return with_structure(draft, found.ids[0], directory)
    if found.kind == "none":
        return None
    draft = replace(draft, structure=None, step="structure", candidates=found.ids)
    return Outcome(draft, (Say(f"utter_structure_{found.kind}"),))


def _description(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    if turn.text is None:
        if turn.intent == "affirm" and draft.first_message:
            return with_description(draft, draft.first_message, directory)
        return None
    if turn.confidence >= SURE and turn.length <= COMMAND_MAX:
        if turn.intent in ("cancel", "edit_answer"):
            return None
        if turn.intent == "affirm" and draft.first_message:
            return with_description(draft, draft.first_message, directory)
    if turn.length < DESCRIPTION_MIN:
        return _interruption(draft, turn, directory, unknown="utter_description_short")
    is_question = turn.intent.startswith("faq/") or turn.intent in ANSWER_OF_INTENT
    if is_question and turn.confidence >= SURE and turn.length <= QUESTION_MAX:
        check = replace(draft, step="description_check", pending=f"{turn.message_id} {turn.intent}")
        return Outcome(check.hearing(turn.heard))
    say = (Say(EMERGENCY_ANSWER),) if turn.intent == EMERGENCY else ()
    outcome = with_description(draft, turn.message_id or "", directory)
    return Outcome(outcome.draft.hearing(turn.heard), say + outcome.say)


def _description_check(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    message_id, _, intent = (draft.pending or " ").partition(" ")
    if turn.intent == "affirm":
        return with_description(draft, message_id, directory)
    if turn.intent == "deny":
        asked = replace(draft, step="description", pending=None)
        return _interruption(asked, Turn(intent), directory)
    return None


def _consent(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    if is_explicit_yes(turn):
        if draft.step == "privacy":
            draft = replace(draft, privacy="yes")
        else:
            draft = replace(draft, regulation="yes")
        return Outcome(at_next_step(draft, directory))
    if turn.intent == "deny":
        return Outcome(replace(draft, step="refusal"))
    return None


def _refusal(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    if turn.intent == "affirm":
        return Outcome(at_next_step(draft, directory))
    if turn.intent == "deny":
        return Outcome(replace(draft, step=None), (Say("utter_request_kept"),), "pause")
    return None


def _confirmation(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    if is_explicit_yes(turn):
        return Outcome(replace(draft, step=None), ending="send")
    if turn.text is None and turn.intent in CATEGORY_OF_INTENT:
        category = CATEGORY_OF_INTENT[turn.intent]
        return Outcome(at_next_step(replace(draft, category=category), directory))
    if turn.intent in ("deny", "inform_structure"):
        named = _named(draft, turn, directory) if editable(draft, "structure") else None
        return named or Outcome(replace(draft, step="edit_choice"))
    return None


def _cancel_check(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    if turn.intent == "cancel" or is_explicit_yes(turn):
        return Outcome(Draft(), ending="cancel")
    if turn.intent == "deny":
        return Outcome(back(draft, directory))
    return None


def _edit_choice(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    if turn.intent == "deny":
        return Outcome(back(draft, directory))
    wanted = editable(draft, turn.field or field_named(turn.text))
    return edit(draft, wanted) if wanted else None


def _interruption(
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
        named = _named(draft, turn, directory)
        if named:
            return named
    if wanted:
        return edit(draft, wanted)
    return Outcome(replace(draft, step="edit_choice"))
