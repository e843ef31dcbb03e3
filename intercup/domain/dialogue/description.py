"""The description: an earlier text, a new one, or a question instead."""

import re
from dataclasses import replace

from intercup.domain.dialogue.draft import SURE, Draft, Outcome, Say, Turn
from intercup.domain.dialogue.facts import corrects_a_fact, names_a_fact
from intercup.domain.dialogue.interruption import interruption, is_interruption
from intercup.domain.dialogue.moves import with_description
from intercup.domain.dialogue.opening import with_correction
from intercup.domain.dialogue.words import field_named, speaks_of_cancelling
from intercup.domain.directory import Directory
from intercup.domain.request import DESCRIPTION_MIN

COMMAND_MAX = 60  # characters; a longer text is a description, not a command
QUESTION_MAX = 120  # characters; a longer text is a description, not a question to the assistant

_OFFERED_WORDS = re.compile(r"\b(quello|testo|messaggio) che ho (già |gia )?scritto\b")
_REFUSED_WORDS = re.compile(r"\b(no|non|ri?scriv\w+|cambi\w+)\b")
_QUESTION_WORDS = re.compile(r"\bdomanda\b")


def description_step(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Answer to: what has happened?"""
    if turn.text is None:
        if turn.intent == "affirm" and draft.first_message:
            return with_description(draft, draft.first_message, directory)
        return None
    if draft.first_message and turn.length <= COMMAND_MAX:
        answer = _answer_to_the_offer(draft, turn, directory)
        if answer:
            return answer
    commands = ("cancel", "edit_answer") if speaks_of_cancelling(turn.text) else ("edit_answer",)
    if turn.intent in commands and turn.length <= COMMAND_MAX and turn.confidence >= SURE:
        return None
    if turn.length < DESCRIPTION_MIN:
        return interruption(draft, turn, directory, unknown="utter_description_short")
    if is_interruption(turn.intent) and turn.confidence >= SURE and turn.length <= QUESTION_MAX:
        check = replace(draft, step="description_check", pending=f"{turn.message_id} {turn.intent}")
        return Outcome(check.hearing(turn.heard(directory)))
    outcome = with_description(draft, turn.message_id or "", directory)
    return replace(outcome, draft=outcome.draft.hearing(turn.heard(directory)))


def _answer_to_the_offer(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Answer to: shall the earlier text be the description?"""
    text = (turn.text or "").lower()
    refuses = _REFUSED_WORDS.search(text) is not None
    speaks_of_it = _OFFERED_WORDS.search(text) is not None
    if not refuses and (speaks_of_it or (turn.intent == "affirm" and turn.confidence >= SURE)):
        return with_description(draft, draft.first_message or "", directory)
    if refuses and (speaks_of_it or turn.intent in ("deny", "edit_answer")):
        if turn.intent == "edit_answer" and field_named(text) not in (None, "description"):
            return None
        return _refused(draft, turn, directory)
    return None


def _refused(draft: Draft, turn: Turn, directory: Directory) -> Outcome:
    """Drop the offered text, or offer it again if only a fact in it is wrong."""
    again = (Say("utter_description_again"),)
    if not (corrects_a_fact(turn.text) or names_a_fact(turn.text)):
        return Outcome(replace(draft, first_message=None), again)
    outcome = with_correction(draft, turn, directory)
    return replace(outcome, say=outcome.say or again)


def description_check(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Answer to: is this the text, or a question?"""
    message_id, _, intent = (draft.pending or " ").partition(" ")
    is_question = turn.text is not None and _QUESTION_WORDS.search(turn.text.lower())
    if turn.intent == "affirm" and not is_question:
        return with_description(draft, message_id, directory)
    if turn.intent == "deny" or is_question:
        asked = replace(draft, step="description", pending=None)
        return interruption(asked, Turn(intent), directory)
    return None
