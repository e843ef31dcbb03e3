"""The summary: sending, corrections in words, and the checks before a change or a cancel."""

import re
from dataclasses import replace

from intercup.domain.dialogue.category import category_answered, offices_shown
from intercup.domain.dialogue.consent import CONSENT_CHANGED, NO_HURRY
from intercup.domain.dialogue.draft import NO_STRUCTURE, Draft, Outcome, Say, Turn
from intercup.domain.dialogue.facts import corrects_a_fact, names_a_fact, tells_the_right_fact
from intercup.domain.dialogue.interruption import is_interruption
from intercup.domain.dialogue.misroute import is_doubtful
from intercup.domain.dialogue.moves import (
    at_next_step,
    back,
    edit,
    editable,
    structure_required,
    with_structure,
    without_old_consents,
)
from intercup.domain.dialogue.opening import is_story, note_story, with_problem
from intercup.domain.dialogue.structure import named
from intercup.domain.dialogue.words import (
    adds_something,
    doubts_the_office,
    field_corrected,
    field_named,
    is_question,
    puts_off,
    speaks_of_cancelling,
    speaks_of_sending,
)
from intercup.domain.dialogue.yes_words import is_explicit_yes
from intercup.domain.directory import Directory
from intercup.domain.request import DESCRIPTION_MAX

_NOTHING_WORDS = re.compile(r"\W*+(niente|nulla|va bene( così)?|lasci\w*+ (stare|così))\W*+")


def summary_step(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Answer to: is everything right?"""
    if is_explicit_yes(turn, draft.step):
        if is_doubtful(draft, directory) and not speaks_of_sending(turn.text):
            return Outcome(replace(draft, step="office"))
        if without_old_consents(draft) != draft:
            return Outcome(at_next_step(draft, directory), (CONSENT_CHANGED,))
        return Outcome(replace(draft, step=None), ending="send")
    asks = is_interruption(turn.intent) and is_question(turn.text)
    if asks and not corrects_a_fact(turn.text):
        return None
    if corrected := _corrected(draft, turn, directory):
        return corrected
    if turn.intent in directory.category_of_intent and is_story(turn):
        return _with_more(draft, turn, directory)
    if turn.intent == "affirm" or puts_off(turn.text):
        return Outcome(draft, (NO_HURRY,))
    if turn.intent == "no_structure" and not structure_required(draft, directory):
        return with_structure(draft, NO_STRUCTURE, directory)
    if turn.intent in directory.category_of_intent:
        return Outcome(draft, (Say("utter_edit_to_add"),))
    if turn.intent in ("deny", "inform_structure"):
        return Outcome(replace(draft, step="edit_choice"))
    return None


def _corrected(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Go where a correction in words leads: a structure, the office, or another field."""
    if turn.text is None and turn.structure is None:
        return None
    if editable(draft, "structure"):
        outcome = named(draft, turn, directory)
        is_other = outcome is not None and outcome.draft.structure != draft.structure
        if doubts_the_office(turn.text) and not is_other:
            return Outcome(replace(draft, step="office"))
        if outcome and (is_other or not corrects_a_fact(turn.text)):
            return outcome
    if adds_something(turn.text):
        return _with_more(draft, turn, directory)
    wanted = editable(draft, field_corrected(turn.text))
    if wanted in (None, "description") and corrects_a_fact(turn.text):
        return _with_correction(draft, turn, directory)
    return edit(draft, wanted) if wanted else None


def _with_correction(draft: Draft, turn: Turn, directory: Directory) -> Outcome:
    """Go back to the description, and offer it with a fact corrected in words below it.

    Only the citizen knows if both may stand: it is taken by an answer, or written anew.
    """
    opened = edit(draft, "description")
    length = draft.heard_in(draft.description).length + turn.length
    if not tells_the_right_fact(turn.text or "") or length >= DESCRIPTION_MAX:
        return opened
    offered = note_story(opened.draft, turn, directory)
    return Outcome(offered, (Say("utter_correction_noted"),))


def _with_more(draft: Draft, turn: Turn, directory: Directory) -> Outcome:
    """Put a text told at the summary below the description, where both have room."""
    length = draft.heard_in(draft.description).length + turn.length
    if length >= DESCRIPTION_MAX:
        return Outcome(draft, (Say("utter_edit_to_add"),))
    told = replace(draft, description=f"{draft.description} {turn.message_id}")
    told = told.hearing(turn.heard(directory))
    return Outcome(at_next_step(told, directory), (Say("utter_added"),))


def office_step(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Answer to: which office should get it? Buttons of categories come through `steps`."""
    category = category_answered(turn.text, offices_shown(draft, directory), directory)
    if category:
        return Outcome(at_next_step(replace(draft, category=category).settled(), directory))
    if turn.intent == "affirm":
        return Outcome(back(draft.settled(), directory))
    return edit_choice(draft, turn, directory)


def cancel_check(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Answer to: cancel it? A problem told in words means no."""
    if is_explicit_yes(turn, draft.step) or (
        turn.intent == "cancel" and speaks_of_cancelling(turn.text)
    ):
        return Outcome(Draft(), ending="cancel")
    if turn.intent == "deny":
        return Outcome(back(draft, directory))
    if turn.intent in directory.category_of_intent:
        told = with_problem(draft, turn, directory)
        return Outcome(back(told, directory), (Say("utter_not_cancelled"),))
    return None


def edit_choice(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Answer to: what would you like to change?"""
    if corrects_a_fact(turn.text) and (corrected := _corrected(draft, turn, directory)):
        return corrected
    if turn.intent == "deny" or _NOTHING_WORDS.fullmatch((turn.text or "").lower()):
        return Outcome(back(draft, directory))
    wanted = editable(draft, turn.field or field_named(turn.text))
    if wanted:
        return edit(draft, wanted)
    outcome = named(draft, turn, directory)
    if outcome is None and names_a_fact(turn.text):
        return _with_correction(draft, turn, directory)
    return outcome
