"""The summary: sending, corrections in words, and the checks before a change or a cancel."""

import re
from dataclasses import replace

from intercup.domain.dialogue.category import category_answered, objects, offices_shown
from intercup.domain.dialogue.choice import position_in
from intercup.domain.dialogue.consent import CONSENT_CHANGED, NO_HURRY, YES_UNCLEAR
from intercup.domain.dialogue.draft import (
    NO_STRUCTURE,
    SURE,
    Draft,
    Field,
    Outcome,
    Say,
    Turn,
)
from intercup.domain.dialogue.emergency import FALLBACK
from intercup.domain.dialogue.facts import contrasts, corrects_a_fact, names_a_fact, only_denies
from intercup.domain.dialogue.interruption import is_interruption
from intercup.domain.dialogue.misroute import is_doubtful
from intercup.domain.dialogue.moves import (
    at_next_step,
    back,
    edit,
    editable,
    editable_fields,
    structure_required,
    with_structure,
    without_old_consents,
)
from intercup.domain.dialogue.opening import (
    is_story,
    only_corrects,
    tells_problem,
    with_correction,
    with_more,
    with_problem,
)
from intercup.domain.dialogue.structure import named, part_of_one_name
from intercup.domain.dialogue.words import (
    adds_something,
    doubts_the_office,
    field_corrected,
    field_named,
    is_question,
    listed,
    praises,
    puts_off,
    sends_elsewhere,
    speaks_of_cancelling,
    speaks_of_correcting,
    speaks_of_sending,
)
from intercup.domain.dialogue.yes_words import is_explicit_yes
from intercup.domain.directory import Directory
from intercup.domain.structure_names import resolve_structure

# Probabilities from which a text means a field: the summary asks for none.
MEANT_AT_SUMMARY, MEANT_AT_CHOICE = 0.9, 0.5
# Intents that change no field where they are sure; a question of the FAQ may name one.
_NO_CHANGE = listed("thank greet goodbye frustration ask_human ask_bot_identity ask_request_status")
_NOTHING_WORDS = re.compile(r"\W*+(niente|nulla|va bene( così)?|lasci\w*+ (stare|così))\W*+")


def summary_step(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Answer to: is everything right?"""
    is_elsewhere = turn.text is not None and sends_elsewhere(turn.text) and not _cancels(turn)
    if is_elsewhere and named(draft, turn, directory) is None:
        return Outcome(replace(draft, step="office"))
    if is_explicit_yes(turn, draft.step):
        if is_doubtful(draft, directory) and not speaks_of_sending(turn.text):
            return Outcome(replace(draft, step="office"))
        if without_old_consents(draft) != draft:
            return Outcome(at_next_step(draft, directory), (CONSENT_CHANGED,))
        return Outcome(replace(draft, step=None), ending="send")
    if _asks(turn) and not contrasts(turn.text):
        return None
    if praises(turn.text):
        return Outcome(draft, (YES_UNCLEAR,))
    is_wrong = turn.intent in ("deny", "edit_answer")
    meant = _meant(draft, turn, MEANT_AT_CHOICE if is_wrong else MEANT_AT_SUMMARY)
    if meant in ("category", "address"):
        return _back_to_field(draft, meant, turn, directory)
    if corrected := _corrected(draft, turn, directory):
        return corrected
    if tells_problem(turn, directory):
        return _with_more(draft, turn, directory)
    if meant:
        return _back_to_field(draft, meant, turn, directory)
    if puts_off(turn.text):
        return Outcome(draft, (NO_HURRY,))
    if turn.intent == "affirm" or draft.step in turn.yes_to:
        return Outcome(draft, (YES_UNCLEAR,))
    if turn.intent == "no_structure" and not structure_required(draft, directory):
        return with_structure(draft, NO_STRUCTURE, directory)
    if turn.intent in directory.category_of_intent:
        return Outcome(draft, (Say("utter_edit_to_add"),))
    denies = turn.intent in ("deny", "inform_structure") or only_denies(turn.text)
    if denies and not _cancels(turn):
        return Outcome(replace(draft, step="edit_choice"))
    return None


def _meant(draft: Draft, turn: Turn, share: float) -> Field | None:
    """Return the field that a text means to change, from this probability."""
    only_asks = is_question(turn.text) and not speaks_of_correcting(turn.text)
    is_other = turn.intent in _NO_CHANGE and turn.confidence >= SURE
    is_likely = turn.text is not None and turn.meant_confidence >= share
    return editable(draft, turn.meant) if is_likely and not (only_asks or is_other) else None


def _back_to_field(draft: Draft, wanted: Field, turn: Turn, directory: Directory) -> Outcome:
    """Go back to a field that a text means; a text that tells more isn't lost."""
    if wanted == "description" and is_story(turn):
        return with_correction(draft, turn, directory)
    if wanted == "category" and tells_problem(turn, directory):
        more = _with_more(draft, turn, directory)
        return replace(edit(more.draft, wanted), say=more.say)
    return edit(draft, wanted)


def _corrected(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Go where a correction in words leads: a structure, the office, or another field."""
    if turn.text is None and turn.structure is None:
        return None
    corrects = _corrects(turn, directory)
    if editable(draft, "structure"):
        outcome = named(draft, turn, directory)
        is_other = outcome is not None and outcome.draft.structure != draft.structure
        goes_on = objects(turn) or turn.intent == FALLBACK
        warned = is_doubtful(draft, directory) and is_story(turn) and goes_on
        if (warned or doubts_the_office(turn.text)) and not is_other:
            return Outcome(replace(draft, step="office"))
        if outcome and not (is_other or corrects) and tells_problem(turn, directory):
            return _with_more(draft, turn, directory)
        if outcome and (is_other or not corrects):
            return outcome
        if _rules_out_a_structure(turn.text or "", directory):
            return edit(draft, "structure")
    if adds_something(turn.text):
        return _with_more(draft, turn, directory)
    wanted = editable(draft, field_corrected(turn.text))
    if wanted in (None, "description") and corrects:
        return with_correction(draft, turn, directory)
    return edit(draft, wanted) if wanted else None


_NOT_TO_CANCEL = re.compile(r"\b(?:non|nn|nun)\s+(?:\w{1,4}\s+)?(?:annull|cancell|elimin)")


def _asks(turn: Turn) -> bool:
    return is_interruption(turn.intent) and is_question(turn.text)


def _cancels(turn: Turn) -> bool:
    return turn.intent == "cancel" and speaks_of_cancelling(turn.text)


def _corrects(turn: Turn, directory: Directory) -> bool:
    """Return True if a text corrects a fact, and doesn't rather cancel, ask or tell something."""
    if turn.intent in directory.category_of_intent and not only_corrects(turn):
        return False
    if only_denies(turn.text) and not names_a_fact(turn.text):
        return False
    is_other = _asks(turn) or _cancels(turn)
    return contrasts(turn.text) or (corrects_a_fact(turn.text) and not is_other)


def _rules_out_a_structure(text: str, directory: Directory) -> bool:
    """Return True if a text only denies a structure, as "non a Trapani" does."""
    if not contrasts(text) or resolve_structure(text, directory).kind != "none":
        return False
    affirmed = re.sub(r"\b[Nn]on\b", "", text)
    found = resolve_structure(affirmed, directory).kind
    if names_a_fact(text):  # A name may then be a doctor's.
        return found == "one"
    return found in ("one", "guess", "several") or part_of_one_name(affirmed, directory) is not None


def _with_more(draft: Draft, turn: Turn, directory: Directory) -> Outcome:
    """Put a text told at the summary below the description, where both have room."""
    told = with_more(draft, turn, directory)
    if told is None:
        return Outcome(draft, (Say("utter_edit_to_add"),))
    return Outcome(at_next_step(told, directory), (Say("utter_added"),))


def office_step(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Answer to: which office should get it? Buttons of categories come through `steps`."""
    category = category_answered(turn.text, offices_shown(draft, directory), directory)
    if category:
        return Outcome(at_next_step(replace(draft, category=category).settled(), directory))
    if turn.intent == "affirm":
        return Outcome(back(draft.settled(), directory))
    outcome = edit_choice(draft, turn, directory)
    return outcome if outcome and outcome.draft != draft else None


def cancel_check(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Answer to: cancel it? A problem told in words means no."""
    denies = _NOT_TO_CANCEL.search((turn.text or "").lower())
    if is_explicit_yes(turn, draft.step) or (_cancels(turn) and not denies):
        return Outcome(Draft(), ending="cancel")
    if turn.intent == "deny":
        return Outcome(back(draft, directory))
    if turn.intent in directory.category_of_intent:
        told = with_problem(draft, turn, directory)
        return Outcome(back(told, directory), (Say("utter_not_cancelled"),))
    return None


def edit_choice(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Answer to: what would you like to change?"""
    if pointed := _pointed(draft, turn, directory):
        return pointed
    if praises(turn.text) and field_named(turn.text):
        return Outcome(back(draft, directory))
    meant = _meant(draft, turn, MEANT_AT_CHOICE)
    if meant in ("category", "address"):
        return _back_to_field(draft, meant, turn, directory)
    takes_back = contrasts(turn.text) or _corrects(turn, directory)
    if takes_back and (corrected := _corrected(draft, turn, directory)):
        return corrected
    denies = turn.intent == "deny" and not only_denies(turn.text)
    if denies or _NOTHING_WORDS.fullmatch((turn.text or "").lower()):
        return Outcome(back(draft, directory))
    wanted = editable(draft, turn.field or field_named(turn.text))
    if wanted:
        return edit(draft, wanted)
    outcome = named(draft, turn, directory)
    if outcome is None and meant:
        return _back_to_field(draft, meant, turn, directory)
    if outcome is None and _names_a_fact_to_change(turn):
        return with_correction(draft, turn, directory)
    return outcome


def _pointed(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Take a position in the list as it is shown: the fields, and last to change nothing."""
    fields = editable_fields(draft)
    position = position_in(turn.text, len(fields) + 1) if draft.step == "edit_choice" else None
    if position == len(fields):
        return Outcome(back(draft, directory))
    return None if position is None else edit(draft, fields[position])


def _names_a_fact_to_change(turn: Turn) -> bool:
    is_other = is_interruption(turn.intent) or is_question(turn.text) or _cancels(turn)
    return names_a_fact(turn.text) and not is_other
