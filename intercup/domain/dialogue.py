"""The request flow as a pure function: what was given so far, what the citizen says, what follows.

A draft is what the chat has collected. A step is the question being asked. `advance` never sends
anything: it says which answers to give (names of responses in bot/domain.yml) and what to ask next.
"""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Literal

from intercup.domain.directory import Directory
from intercup.domain.structure_names import resolve_structure
from intercup.domain.text import DESCRIPTION_MIN

type Field = Literal["category", "structure", "description", "privacy", "regulation"]
type Step = Literal[
    "category",
    "structure",
    "description",
    "privacy",
    "regulation",
    "confirmation",
    "refusal",
    "description_check",
    "cancel_check",
    "edit_choice",
]
type Ending = Literal["send", "cancel", "pause"]

FIELDS: tuple[Field, ...] = ("category", "structure", "description", "privacy", "regulation")
NO_STRUCTURE = "none"

CATEGORY_OF_INTENT = {
    "report_booking_problem": "technical",
    "ask_facility_information": "information",
    "change_booking": "information",
    "report_platform_problem": "platform",
    "report_access_problem": "platform",
}
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

SURE = 0.6  # confidence above which a short text at the description step counts as a command
COMMAND_MAX = 60  # characters; a longer text is a description, not a command
QUESTION_MAX = 120  # characters; a longer text is a description, not a question to the assistant
STORY_MIN = 25  # characters from which a first message is worth offering as the description

# A consent or a sending typed in words counts only when every word is one of these: understanding
# alone would take "ok aspetta" or "va bene la leggo dopo" for a yes.
_YES_WORDS = frozenset(
    {"si", "ok", "va", "bene", "d", "accordo", "certo", "certamente", "esatto", "confermo"}
    | {"autorizzo", "acconsento", "accetto", "dichiaro", "letto", "preso", "visione", "do"}
    | {"invia", "invii", "inviare", "manda", "mandi", "annulla", "annulli", "elimina", "pure"}
    | {"io", "il", "lo", "la", "l", "mio", "di", "del", "al", "dei", "e", "tutto", "aver", "averlo"}
    | {"ho", "consenso", "regolamento", "trattamento", "dati", "richiesta", "prego", "grazie"}
)

_FIELD_WORDS: dict[str, Field] = {
    "struttura": "structure",
    "ospedale": "structure",
    "asp": "structure",
    "descrizione": "description",
    "testo": "description",
    "messaggio": "description",
    "categoria": "category",
    "tipologia": "category",
    "tipo": "category",
    "voce": "category",
}


@dataclass(frozen=True)
class Draft:
    """What was given so far; `description` and `first_message` are ids of chat messages."""

    category: str | None = None
    structure: str | None = None
    description: str | None = None
    privacy: str | None = None
    regulation: str | None = None
    first_message: str | None = None
    candidates: tuple[str, ...] = ()
    step: Step | None = None
    # What a check of the description is about: the message's id and its intent.
    pending: str | None = None


@dataclass(frozen=True)
class Turn:
    """What the citizen says. `text` is None for a button; `length` counts the whole text."""

    intent: str
    confidence: float = 1.0
    text: str | None = None
    message_id: str | None = None
    length: int = 0
    structure: str | None = None
    field: Field | None = None
    proposed_structure: str | None = None


@dataclass(frozen=True)
class Say:
    """An answer: a response of bot/domain.yml and the values that it names."""

    response: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What follows a turn: answers, the draft with its next step, and the end if there is one."""

    draft: Draft
    say: tuple[Say, ...] = ()
    ending: Ending | None = None


def open_request(draft: Draft, turn: Turn, directory: Directory) -> Outcome:
    """Start (or take up) a request from the message that asked for it."""
    draft = replace(draft, step=None)
    category = CATEGORY_OF_INTENT.get(turn.intent)
    if category:
        draft = replace(draft, category=category)
    if turn.proposed_structure and draft.structure is None:
        draft = replace(draft, candidates=(turn.proposed_structure,))
    return _told(draft, turn, directory)


def advance(draft: Draft, turn: Turn, directory: Directory) -> Outcome:
    """Take the citizen's answer to the question `draft.step`."""
    if turn.intent == EMERGENCY and not (draft.step == "description" and turn.length > COMMAND_MAX):
        return Outcome(draft, (Say(EMERGENCY_ANSWER),))
    handle = {
        "category": _category,
        "structure": _structure,
        "description": _description,
        "description_check": _description_check,
        "privacy": _consent,
        "regulation": _consent,
        "refusal": _refusal,
        "confirmation": _confirmation,
        "cancel_check": _cancel_check,
        "edit_choice": _edit_choice,
    }[draft.step or "category"]
    outcome = handle(draft, turn, directory)
    return outcome or _interruption(draft, turn, directory)


def _category(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    category = CATEGORY_OF_INTENT.get(turn.intent)
    if category is None:
        found = resolve_structure(turn.text or "", directory)
        return _with_structure(draft, found.ids[0], directory) if found.kind == "one" else None
    return _told(replace(draft, category=category), turn, directory)


def _structure(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    optional = not _structure_required(draft, directory)
    if turn.structure in directory.structure_by_id:
        return _with_structure(draft, turn.structure, directory)
    # Names come before intents: "no, Ragusa" and "sì, ma a Ragusa" name one.
    found = resolve_structure(turn.text or "", directory)
    if found.kind == "one":
        return _with_structure(draft, found.ids[0], directory)
    if found.kind != "none":
        say = Say(f"utter_structure_{found.kind}")
        return Outcome(replace(draft, candidates=found.ids), (say,))
    if turn.intent == "affirm" and len(draft.candidates) == 1:
        return _with_structure(draft, draft.candidates[0], directory)
    if turn.intent == "deny" and draft.candidates:
        return Outcome(replace(draft, candidates=()))
    if turn.intent in ("no_structure", "deny"):
        if optional:
            return _with_structure(draft, NO_STRUCTURE, directory)
        return Outcome(draft, (Say("utter_structure_required"),))
    if turn.intent == "inform_structure":
        return Outcome(draft, (Say("utter_structure_unknown"),))
    return None


def _description(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    if turn.text is None:
        if turn.intent == "affirm" and draft.first_message:
            return _with_description(draft, draft.first_message, directory)
        return None
    if turn.confidence >= SURE and turn.length <= COMMAND_MAX:
        if turn.intent in ("cancel", "edit_answer"):
            return None
        if turn.intent == "affirm" and draft.first_message:
            return _with_description(draft, draft.first_message, directory)
    if turn.length < DESCRIPTION_MIN:
        return _interruption(draft, turn, directory, unknown="utter_description_short")
    is_question = turn.intent.startswith("faq/") or turn.intent in ANSWER_OF_INTENT
    if is_question and turn.confidence >= SURE and turn.length <= QUESTION_MAX:
        check = replace(draft, step="description_check", pending=f"{turn.message_id} {turn.intent}")
        return Outcome(check)
    say = (Say(EMERGENCY_ANSWER),) if turn.intent == EMERGENCY else ()
    outcome = _with_description(draft, turn.message_id or "", directory)
    return replace(outcome, say=say + outcome.say)


def _description_check(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    message_id, _, intent = (draft.pending or " ").partition(" ")
    if turn.intent == "affirm":
        return _with_description(draft, message_id, directory)
    if turn.intent == "deny":
        back = replace(draft, step="description", pending=None)
        return _interruption(back, Turn(intent), directory)
    return None


def _consent(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    if _is_yes(turn):
        if draft.step == "privacy":
            draft = replace(draft, privacy="yes")
        else:
            draft = replace(draft, regulation="yes")
        return Outcome(_at_next_step(draft, directory))
    if turn.intent == "deny":
        return Outcome(replace(draft, step="refusal"))
    return None


def _refusal(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    if turn.intent == "affirm":
        return Outcome(_at_next_step(draft, directory))
    if turn.intent == "deny":
        return Outcome(replace(draft, step=None), (Say("utter_request_kept"),), "pause")
    return None


def _confirmation(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    if _is_yes(turn):
        return Outcome(replace(draft, step=None), ending="send")
    if turn.intent == "deny":
        return Outcome(replace(draft, step="edit_choice"))
    return None


def _cancel_check(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    if turn.intent == "cancel" or _is_yes(turn):
        return Outcome(Draft(), ending="cancel")
    if turn.intent == "deny":
        return Outcome(_back(draft, directory))
    return None


def _edit_choice(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    if turn.intent == "deny":
        return Outcome(_back(draft, directory))
    wanted = turn.field or _field_named(turn.text)
    return _edit(draft, wanted, directory) if wanted else None


def _interruption(
    draft: Draft, turn: Turn, directory: Directory, unknown: str = "utter_step_unknown"
) -> Outcome:
    """Answer what isn't an answer to the question, and leave the question open."""
    if turn.intent == "cancel":
        return Outcome(replace(draft, step="cancel_check"))
    if turn.intent == "edit_answer":
        wanted = turn.field or _field_named(turn.text)
        if wanted:
            return _edit(draft, wanted, directory)
        return Outcome(replace(draft, step="edit_choice"))
    if turn.intent.startswith("faq/"):
        return Outcome(draft, (Say(f"utter_{turn.intent}"),))
    if turn.intent == EMERGENCY:
        return Outcome(draft, (Say(EMERGENCY_ANSWER),))
    answer = ANSWER_OF_INTENT.get(turn.intent, unknown)
    return Outcome(draft, (Say(answer),))


def _edit(draft: Draft, wanted: Field, directory: Directory) -> Outcome:
    """Go back to one field; the others stay, and the flow returns to where it was."""
    if wanted == "category":
        draft = replace(draft, category=None)
    elif wanted == "structure":
        draft = replace(draft, structure=None)
    elif wanted == "description":
        written = draft.description or draft.first_message
        draft = replace(draft, description=None, first_message=written)
    return Outcome(replace(draft, step=wanted, candidates=(), pending=None))


def _with_structure(draft: Draft, structure: str, directory: Directory) -> Outcome:
    draft = replace(draft, structure=structure, candidates=())
    say: tuple[Say, ...] = ()
    if structure != NO_STRUCTURE:
        name = directory.structure_by_id[structure].name
        say = (Say("utter_structure_taken", {"structure_name": name}),)
    return Outcome(_at_next_step(draft, directory), say)


def _with_description(draft: Draft, message_id: str, directory: Directory) -> Outcome:
    draft = replace(draft, description=message_id, first_message=None, pending=None)
    return Outcome(_at_next_step(draft, directory))


def _back(draft: Draft, directory: Directory) -> Draft:
    """Return from a check to the question that was open before it."""
    if draft.pending:
        return replace(draft, step="description_check")
    return _at_next_step(draft, directory)


def _at_next_step(draft: Draft, directory: Directory) -> Draft:
    """Set the step to the first field still missing, or to the summary."""
    if draft.structure == NO_STRUCTURE and _structure_required(draft, directory):
        draft = replace(draft, structure=None)
    missing = (name for name in FIELDS if getattr(draft, name) is None)
    return replace(draft, step=next(missing, "confirmation"), pending=None)


def _structure_required(draft: Draft, directory: Directory) -> bool:
    category = directory.category_by_id.get(draft.category or "")
    return category is None or category.structure_required


def _told(draft: Draft, turn: Turn, directory: Directory) -> Outcome:
    """Take from the citizen's own words what they say: the structure, and maybe the description."""
    outside: tuple[Say, ...] = ()
    if turn.text:
        found = resolve_structure(turn.text, directory)
        if found.kind == "one":
            draft = replace(draft, structure=found.ids[0], candidates=())
        elif found.kind != "none" and draft.structure is None:
            draft = replace(draft, candidates=found.ids)
        if found.kind == "outside" and draft.structure is None:
            outside = (Say("utter_structure_outside"),)
        told_a_story = turn.intent in CATEGORY_OF_INTENT and turn.length >= STORY_MIN
        if told_a_story and draft.description is None:
            draft = replace(draft, first_message=turn.message_id)
    return Outcome(_at_next_step(draft, directory), _understood(draft, directory) + outside)


def _understood(draft: Draft, directory: Directory) -> tuple[Say, ...]:
    """Show what was taken from the citizen's own words, so that a wrong reading is seen at once."""
    if draft.category is None:
        return ()
    label = directory.category_by_id[draft.category].label
    structure = directory.structure_by_id.get(draft.structure or "")
    if structure:
        values = {"category_label": label, "structure_name": structure.name}
        return (Say("utter_understood_both", values),)
    return (Say("utter_understood_category", {"category_label": label}),)


def _is_yes(turn: Turn) -> bool:
    """Tell whether this is an explicit yes: a button, or nothing but words of consent."""
    if turn.intent != "affirm":
        return False
    if turn.text is None:
        return True
    plain = unicodedata.normalize("NFKD", turn.text.lower())
    words = re.findall(r"[a-z]+", "".join(c for c in plain if not unicodedata.combining(c)))
    return "?" not in turn.text and bool(words) and set(words) <= _YES_WORDS


def _field_named(text: str | None) -> Field | None:
    words = re.findall(r"\w+", (text or "").lower())
    found = {_FIELD_WORDS[word] for word in words if word in _FIELD_WORDS}
    return found.pop() if len(found) == 1 else None
