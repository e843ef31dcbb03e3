"""Take the citizen's answer to the question that is open."""

import re
from dataclasses import replace

from intercup.domain.dialogue.access import access_help, address_step, code_step
from intercup.domain.dialogue.consent import (
    CONSENT_CHANGED,
    CONSENT_HELP,
    NO_HURRY,
    consent_step,
    refusal_step,
)
from intercup.domain.dialogue.description import COMMAND_MAX, description_check, description_step
from intercup.domain.dialogue.draft import NO_STRUCTURE, Draft, Outcome, Say, Turn
from intercup.domain.dialogue.gone import without_gone
from intercup.domain.dialogue.interruption import (
    EMERGENCY,
    EMERGENCY_ANSWER,
    UNKNOWN_ANSWER,
    interruption,
)
from intercup.domain.dialogue.moves import (
    at_next_step,
    back,
    edit,
    editable,
    field_named,
    structure_required,
    with_address_asked,
    with_structure,
    without_old_consents,
)
from intercup.domain.dialogue.opening import is_story, note_story, told
from intercup.domain.dialogue.structure import named, structure_step
from intercup.domain.dialogue.yes_words import is_explicit_yes
from intercup.domain.directory import Directory
from intercup.domain.structure_names import resolve_structure

CHOICE_GONE = Say("utter_choice_gone")
LOST_ANSWER = "utter_step_lost"
_NOTHING_WORDS = re.compile(r"\W*+(niente|nulla|va bene( così)?|lasci\w*+ (stare|così))\W*+")
MISSES_MAX = 2  # answers in a row after which another way is offered


def advance(draft: Draft, turn: Turn, directory: Directory) -> Outcome:
    """Take the citizen's answer to the question `draft.step`."""
    if gone := _gone_choice(draft, turn, directory):
        return gone
    asked, draft = draft, replace(without_gone(draft, directory), misses=0)
    if turn.intent == EMERGENCY and not (draft.step == "description" and turn.length > COMMAND_MAX):
        return Outcome(draft, (Say(EMERGENCY_ANSWER),))
    handle = {
        "category": _category,
        "structure": structure_step,
        "description": description_step,
        "description_check": description_check,
        "address": address_step,
        "code": code_step,
        "privacy": consent_step,
        "regulation": consent_step,
        "refusal": refusal_step,
        "confirmation": _confirmation,
        "cancel_check": _cancel_check,
        "edit_choice": _edit_choice,
        "access_help": access_help,
    }[draft.step or "category"]
    outcome = handle(draft, turn, directory) or interruption(draft, turn, directory)
    return _counting_misses(with_address_asked(outcome, turn), asked.misses)


def _gone_choice(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Ask again for a given category or structure that has left the directory."""
    left = without_gone(draft, directory)
    if (left.category, left.structure) == (draft.category, draft.structure):
        return None
    if is_story(turn) and draft.step == "description":
        left = note_story(left, turn, directory)
    return Outcome(at_next_step(left, directory), (CHOICE_GONE,))


def _counting_misses(outcome: Outcome, before: int) -> Outcome:
    """Offer another way after several answers in a row that weren't understood."""
    if not {say.response for say in outcome.say} & {UNKNOWN_ANSWER, CONSENT_HELP}:
        return outcome
    misses = before + 1
    outcome = replace(outcome, draft=replace(outcome.draft, misses=misses))
    return replace(outcome, say=(Say(LOST_ANSWER),)) if misses >= MISSES_MAX else outcome


def _category(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    category = directory.category_answered(turn.text or "")
    category = category or directory.category_of_intent.get(turn.intent)
    if category is None:
        found = resolve_structure(turn.text or "", directory)
        return with_structure(draft, found.ids[0], directory) if found.kind == "one" else None
    return told(replace(draft, category=category), turn, directory)


def _confirmation(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    if is_explicit_yes(turn):
        if without_old_consents(draft) != draft:
            return Outcome(at_next_step(draft, directory), (CONSENT_CHANGED,))
        return Outcome(replace(draft, step=None), ending="send")
    wanted = directory.category_of_intent.get(turn.intent)
    if turn.text is None and wanted:
        category = directory.category_by_id[wanted]
        changed = at_next_step(replace(draft, category=category.id), directory)
        return Outcome(changed, (Say("utter_category_taken", {"category_label": category.label}),))
    if turn.intent == "affirm":
        return Outcome(draft, (NO_HURRY,))
    if turn.intent == "no_structure" and not structure_required(draft, directory):
        return with_structure(draft, NO_STRUCTURE, directory)
    if wanted:
        return Outcome(draft, (Say("utter_edit_to_add"),))
    if turn.intent in ("deny", "inform_structure"):
        outcome = named(draft, turn, directory) if editable(draft, "structure") else None
        return outcome or Outcome(replace(draft, step="edit_choice"))
    return None


def _cancel_check(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    if turn.intent == "cancel" or is_explicit_yes(turn):
        return Outcome(Draft(), ending="cancel")
    if turn.intent == "deny":
        return Outcome(back(draft, directory))
    return None


def _edit_choice(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    if turn.intent == "deny" or _NOTHING_WORDS.fullmatch((turn.text or "").lower()):
        return Outcome(back(draft, directory))
    wanted = editable(draft, turn.field or field_named(turn.text))
    return edit(draft, wanted) if wanted else None
