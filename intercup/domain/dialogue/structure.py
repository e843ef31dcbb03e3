"""The answer to the question for the structure: one, several or none."""

from dataclasses import replace

from intercup.domain.dialogue.draft import NO_STRUCTURE, Draft, Outcome, Say, Turn
from intercup.domain.dialogue.moves import structure_required, with_structure
from intercup.domain.dialogue.opening import is_story, note_story
from intercup.domain.directory import Directory
from intercup.domain.structure_names import resolve_structure


def structure_step(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Answer to: for which structure?"""
    is_problem = turn.intent in directory.category_of_intent
    if is_problem and is_story(turn) and draft.description is None:
        draft = note_story(draft, turn, directory)
    # Names come before intents: "no, Ragusa" and "sì, ma a Ragusa" name one.
    outcome = named(draft, turn, directory)
    if outcome:
        return outcome
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
    if draft.first_message == turn.message_id and turn.message_id:
        return Outcome(draft, (Say("utter_story_noted"),))
    return None


def named(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Set the structure named by a button or a text, or ask which of several is meant."""
    if turn.structure in directory.structure_by_id:
        return with_structure(draft, turn.structure, directory)
    found = resolve_structure(turn.text or "", directory)
    if found.kind == "one":
        return with_structure(draft, found.ids[0], directory)
    if found.kind == "none":
        return None
    left = tuple(id_ for id_ in draft.candidates if id_ in found.ids)
    if found.kind == "several" and len(left) == 1:  # "quello di Messina", of the two just shown
        return with_structure(draft, left[0], directory)
    draft = replace(draft, structure=None, step="structure", candidates=found.ids)
    return Outcome(draft, (Say(f"utter_structure_{found.kind}"),))
