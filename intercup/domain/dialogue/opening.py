"""The beginning of a request, with the answers already in the first message."""

from dataclasses import replace

from intercup.domain.dialogue.draft import ACCESS, SURE, Draft, Heard, Outcome, Say, Turn
from intercup.domain.dialogue.facts import (
    corrects_a_fact,
    tells_the_right_fact,
    wants_something_else,
)
from intercup.domain.dialogue.gone import without_gone
from intercup.domain.dialogue.moves import (
    STRUCTURE_TAKEN,
    at_next_step,
    edit,
    with_address_asked,
)
from intercup.domain.dialogue.unsaid import office_left_open
from intercup.domain.directory import Directory
from intercup.domain.request import DESCRIPTION_MAX
from intercup.domain.structure_names import resolve_structure

PLACE_OUTSIDE = Say("utter_place_outside")
STORY_MIN = 25  # characters from which a first message is worth offering as the description
TAKEN_MIN = 44  # characters from which it tells an office enough, and isn't asked for again


def open_request(draft: Draft, turn: Turn, directory: Directory) -> Outcome:
    """Start or resume a request from the message that asked for it."""
    draft = replace(without_gone(draft, directory), step=None, alarm=None)
    tells = turn.text is not None and turn.intent in directory.category_of_intent
    if turn.earlier and not (tells or draft.first_message or draft.description):
        draft = offering(draft, turn.earlier)
    if not turn.authenticated:
        return _before_login(draft, turn, directory)
    if turn.proposed_structure and draft.structure is None:
        draft = replace(draft, candidates=(turn.proposed_structure,))
    category = directory.category_of_intent.get(turn.intent)
    if category is None:
        return with_address_asked(told(draft, turn, directory), turn)
    return with_address_asked(with_category(draft, category, turn, directory), turn)


def with_category(draft: Draft, category: str, turn: Turn, directory: Directory) -> Outcome:
    """Take a category from the citizen's words, or ask which of two is meant, only once."""
    rivals = _rivals(draft, category, turn, directory)
    if not rivals:
        return told(replace(draft, category=category), turn, directory)
    return asking_between(draft, rivals, turn, directory)


def _rivals(draft: Draft, category: str, turn: Turn, directory: Directory) -> tuple[str, ...]:
    """Return this category and another that the words may mean as well, if not asked yet.

    Two noted before the login weren't asked about yet.
    """
    if turn.text is None or (draft.rivals and draft.step == "category"):
        return ()
    if category in draft.rivals:
        return draft.rivals
    other = directory.rival_of(category, turn.ranking)
    other = other or office_left_open(category, turn, directory)
    return (category, other) if other else ()


def asking_between(
    draft: Draft, rivals: tuple[str, ...], turn: Turn, directory: Directory
) -> Outcome:
    """Take all but the category from the citizen's words, and ask which of two is meant."""
    outcome = told(replace(draft, category=None), turn, directory)
    asked = replace(outcome.draft, step="category", rivals=rivals)
    is_new = draft.structure is None or draft.structure != asked.structure
    say = tuple(each for each in outcome.say if is_new or each.response != STRUCTURE_TAKEN)
    return Outcome(asked, (*say, Say("utter_category_close")))


def _before_login(draft: Draft, turn: Turn, directory: Directory) -> Outcome:
    """Record the message; help with access problems at once, else lead to the login."""
    topic = directory.topic_of(turn.intent)
    say: tuple[Say, ...] = ()
    if turn.intent == "change_booking":
        say = (Say("utter_change_booking"),)
    if topic != ACCESS:  # A later login solves a problem with the access.
        draft = _with_topic(draft, topic, turn, directory)
        outcome = told(draft, turn, directory)
        draft, say = outcome.draft, (*say, *(s for s in outcome.say if s == PLACE_OUTSIDE))
    elif is_story(turn):
        draft = take_story(draft, turn, directory)
    if not directory.is_sent_before_login(turn.intent):
        return Outcome(replace(draft, step=None), (*say, Say("utter_login_needed")))
    answer = "utter_access_problem" if topic == ACCESS else "utter_platform_before_login"
    return Outcome(replace(draft, step="access_help"), (Say(answer),))


def _with_topic(draft: Draft, topic: str | None, turn: Turn, directory: Directory) -> Draft:
    """Note the category, or the two to ask between after the login."""
    if topic is None or directory.is_sent_before_login(turn.intent):
        return replace(draft, category=topic or draft.category)
    rivals = _rivals(draft, topic, turn, directory)
    return replace(draft, category=None if rivals else topic, rivals=rivals)


def told(draft: Draft, turn: Turn, directory: Directory) -> Outcome:
    """Take structure and description from the citizen's own words, if they are there."""
    say: list[Say] = [Say("utter_change_booking")] if turn.intent == "change_booking" else []
    outside = False
    if turn.text:
        found = resolve_structure(turn.text, directory)
        if found.kind == "one":
            draft = replace(draft, structure=found.ids[0], candidates=())
        elif found.kind != "none" and draft.structure is None:
            draft = replace(draft, candidates=found.ids)
        outside = found.kind == "outside" and draft.structure is None
        draft = with_problem(draft, turn, directory)
    say += _understood(draft, directory)
    draft = at_next_step(draft, directory)
    if draft.step == "structure" and draft.candidates:
        kind = "outside" if outside else "guess" if len(draft.candidates) == 1 else "several"
        say.append(Say(f"utter_structure_{kind}"))
    elif outside and draft.category is None:
        say.append(PLACE_OUTSIDE)
    return Outcome(draft, tuple(say))


def is_story(turn: Turn) -> bool:
    """Return True if a text is long enough to be offered as the description."""
    return turn.text is not None and turn.length >= STORY_MIN


def tells_problem(turn: Turn, directory: Directory) -> bool:
    """Return True if a text tells a problem, and enough of it to be kept."""
    return turn.intent in directory.category_of_intent and is_story(turn)


def only_corrects(turn: Turn) -> bool:
    """Return True if a text says that a fact is wrong, and no more than the right one."""
    text = turn.text or ""
    if not corrects_a_fact(text) or wants_something_else(text):
        return False
    return _is_bare(turn) or tells_the_right_fact(text)


def _is_bare(turn: Turn) -> bool:
    """Return True if a correction names a wrong fact only, as "ho sbagliato il giorno" does."""
    return turn.length < TAKEN_MIN and not tells_the_right_fact(turn.text or "")


def with_correction(draft: Draft, turn: Turn, directory: Directory) -> Outcome:
    """Go back to the description, and offer it with a fact corrected in words below it.

    Only the citizen knows if both may stand: it is taken by an answer, or written anew.
    """
    opened = edit(draft, "description")
    if _is_bare(turn):
        return opened
    length = draft.heard_in(opened.draft.first_message).length + turn.length
    if length >= DESCRIPTION_MAX:
        return replace(opened, say=(Say("utter_correction_no_room"),))
    offered = note_story(opened.draft, turn, directory)
    return Outcome(offered, (Say("utter_correction_noted"),))


def with_more(draft: Draft, turn: Turn, directory: Directory) -> Draft | None:
    """Put a text below the description; None without one, or where it has no room."""
    length = draft.heard_in(draft.description).length + turn.length
    if draft.description is None or length >= DESCRIPTION_MAX:
        return None
    told = replace(draft, description=f"{draft.description} {turn.message_id}")
    return told.hearing(turn.heard(directory))


def note_story(draft: Draft, turn: Turn, directory: Directory) -> Draft:
    """Keep a text to offer it later as the description."""
    return offering(draft, turn.heard(directory))


def offering(draft: Draft, heard: Heard) -> Draft:
    """Keep a text, after earlier ones, to offer it later as the description."""
    before = draft.first_message
    if before and draft.heard_in(before).length + heard.length < DESCRIPTION_MAX:
        return replace(draft, first_message=f"{before} {heard.message}").hearing(heard)
    return replace(draft, first_message=heard.message).hearing(heard)


def take_story(draft: Draft, turn: Turn, directory: Directory) -> Draft:
    """Take a text that surely tells the problem as the description; offer it otherwise."""
    told = sum(share for intent, share in turn.ranking if directory.topic_of(intent))
    is_sure = told >= SURE
    if draft.first_message or not is_sure or turn.length < TAKEN_MIN:
        return note_story(draft, turn, directory)
    return replace(draft, description=turn.message_id).hearing(turn.heard(directory))


def with_problem(draft: Draft, turn: Turn, directory: Directory) -> Draft:
    """Take or offer the text of a turn that tells a problem, if there is no description yet."""
    if draft.description is not None or not tells_problem(turn, directory):
        return draft
    return take_story(draft, turn, directory)


def _understood(draft: Draft, directory: Directory) -> tuple[Say, ...]:
    """Show the values taken from the citizen's words, so that a misreading is noticed at once."""
    structure = directory.structure_by_id.get(draft.structure or "")
    if draft.category is None:
        if structure is None:
            return ()
        return (Say(STRUCTURE_TAKEN, {"structure_name": structure.name}),)
    label = directory.category_by_id[draft.category].label
    if structure:
        values = {"category_label": label, "structure_name": structure.name}
        return (Say("utter_understood_both", values),)
    return (Say("utter_understood_category", {"category_label": label}),)
