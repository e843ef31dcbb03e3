"""Take the citizen's answer to the question that is open."""

from dataclasses import replace

from intercup.domain.dialogue.access import access_help, address_step, code_step
from intercup.domain.dialogue.category import category_changed, category_step
from intercup.domain.dialogue.consent import CONSENT_HELP, consent_step, refusal_step
from intercup.domain.dialogue.description import description_check, description_step
from intercup.domain.dialogue.draft import Draft, Outcome, Say, Turn
from intercup.domain.dialogue.emergency import (
    EMERGENCY,
    after_alarm,
    alarm_taken_back,
    is_taken_back,
    raise_alarm,
)
from intercup.domain.dialogue.gone import without_gone
from intercup.domain.dialogue.interruption import UNKNOWN_ANSWER, interruption
from intercup.domain.dialogue.moves import at_next_step, with_address_asked
from intercup.domain.dialogue.opening import is_story, note_story
from intercup.domain.dialogue.structure import STRUCTURE_HELP, structure_renamed, structure_step
from intercup.domain.dialogue.summary import cancel_check, edit_choice, office_step, summary_step
from intercup.domain.dialogue.yes_words import is_plain_yes
from intercup.domain.directory import Directory

CHOICE_GONE = Say("utter_choice_gone")
LOST_ANSWER = "utter_step_lost"
_NOT_UNDERSTOOD: dict[str | None, str] = {"structure": STRUCTURE_HELP}
MISSES_MAX = 2  # answers in a row after which another way is offered


def advance(draft: Draft, turn: Turn, directory: Directory) -> Outcome:
    """Take the citizen's answer to the question `draft.step`."""
    if gone := _gone_choice(draft, turn, directory):
        return gone
    asked, draft = draft, replace(without_gone(draft, directory), misses=0)
    if draft.step == "alarm":
        return _after_alarm(draft, turn, directory)
    if turn.intent == EMERGENCY and not is_plain_yes(turn.text, draft.step):
        return raise_alarm(draft, turn, directory)
    handle = {
        "category": category_step,
        "structure": structure_step,
        "description": description_step,
        "description_check": description_check,
        "address": address_step,
        "code": code_step,
        "privacy": consent_step,
        "regulation": consent_step,
        "refusal": refusal_step,
        "confirmation": summary_step,
        "cancel_check": cancel_check,
        "edit_choice": edit_choice,
        "office": office_step,
        "access_help": access_help,
    }[draft.step or "category"]
    outcome = (
        category_changed(draft, turn, directory)
        or structure_renamed(draft, turn, directory)
        or handle(draft, turn, directory)
        or interruption(draft, turn, directory, _NOT_UNDERSTOOD.get(draft.step, UNKNOWN_ANSWER))
    )
    return _counting_misses(with_address_asked(outcome, turn), asked.misses)


def _after_alarm(draft: Draft, turn: Turn, directory: Directory) -> Outcome:
    """Go on if the alarm is taken back; any other text answers the interrupted question.

    A text that takes it back and tells of an emergency all the same goes on below the advice.
    """
    if is_taken_back(turn):
        outcome = alarm_taken_back(draft, directory)
        advice = (Say("utter_possible_emergency"),) if turn.intent == EMERGENCY else ()
        return replace(outcome, say=advice + outcome.say)
    if turn.intent == EMERGENCY:
        return raise_alarm(draft, turn, directory)
    if turn.intent == "affirm":
        return Outcome(draft)
    return advance(after_alarm(draft, directory), turn, directory)


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
    if not {say.response for say in outcome.say} & {UNKNOWN_ANSWER, CONSENT_HELP, STRUCTURE_HELP}:
        return outcome
    misses = before + 1
    outcome = replace(outcome, draft=replace(outcome.draft, misses=misses))
    return replace(outcome, say=(Say(LOST_ANSWER),)) if misses >= MISSES_MAX else outcome
