"""The answer to the question for the category, and its change at any step."""

import re
from dataclasses import replace

from intercup.domain.dialogue.choice import (
    POINTING_MAX,
    content_words,
    is_unsure,
    position_in,
    rejects_all,
)
from intercup.domain.dialogue.draft import SURE, Draft, Outcome, Say, Turn
from intercup.domain.dialogue.interruption import is_interruption
from intercup.domain.dialogue.moves import at_next_step, with_structure
from intercup.domain.dialogue.opening import (
    asking_between,
    is_story,
    only_corrects,
    told,
    with_category,
    with_more,
)
from intercup.domain.dialogue.unsaid import page_named
from intercup.domain.dialogue.words import is_change_of_mind, speaks_of_cancelling
from intercup.domain.directory import Category, Directory
from intercup.domain.structure_names import resolve_structure

# The steps at which an objection may be about the matter told before.
_OBJECTED_AT = ("privacy", "regulation", "confirmation", "edit_choice")
_BECAUSE = re.compile(r"\s*(visto|dato|siccome|perch[eé]|tanto)\b")
# An objection, before another matter.
_OBJECTS = re.compile(
    r"\W*(no+|ma|per[oò]|anzi|invece|cioè|veramente|in realtà|a pensarci"
    r"|ferm\w+|aspett\w+|un momento|scusi,? ma)\b"
)
# Words of the labels that alone name no category.
_GENERIC = frozenset(
    {
        "su",
        "ed",
        "mentre",
        "assistenza",
        "problema",
        "problemi",
        "richiesta",
        "struttura",
        "sanitaria",
        "sistema",
    }
)


def category_step(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Answer to: what kind of request is it?"""
    rivals = draft.rivals
    if rivals:  # The two were just asked between: the answer decides, not the earlier text.
        draft = draft.settled()
    answered = category_answered(turn.text, categories_shown(draft, directory), directory)
    if answered:
        return told(replace(draft, category=answered), turn, directory)
    if blamed := _rival_blamed(draft, turn, directory):
        return told(replace(draft, category=blamed), turn, directory)
    if category := directory.category_of_intent.get(turn.intent):
        draft = draft.settled(rivals) if rivals else draft
        return with_category(draft, category, turn, directory)
    found = resolve_structure(turn.text or "", directory)
    if found.kind == "one":
        return with_structure(draft, found.ids[0], directory)
    if found.kind != "none":
        return told(draft, turn, directory)
    if rejects_all(turn.text):
        return Outcome(draft, (Say("utter_category_none"),))
    if is_unsure(turn.text):
        return Outcome(draft, (Say("utter_category_help"),))
    return None


def _rival_blamed(draft: Draft, turn: Turn, directory: Directory) -> str | None:
    """Return the one of the two asked between whose page an answer blames in words."""
    blamed = _blamed(turn, directory)
    return blamed if blamed in draft.rivals else None


def _blamed(turn: Turn, directory: Directory) -> str | None:
    """Return the category of the page that a text blames."""
    route = page_named(turn.text)
    return next((each.id for each in directory.categories if each.route == route), None)


def _wanted(turn: Turn, directory: Directory) -> str | None:
    """Return the category that a text is read as; of a problem, that of the page blamed."""
    read = directory.category_by_id.get(directory.category_of_intent.get(turn.intent, ""))
    if read is None:
        return None
    blamed = None if read.needs_no_nre else _blamed(turn, directory)
    return blamed or read.id


def categories_shown(draft: Draft, directory: Directory) -> tuple[Category, ...]:
    """Return the categories in the order shown: the two asked between come first."""
    rivals = tuple(directory.category_by_id[id_] for id_ in draft.rivals)
    return (*rivals, *(each for each in directory.categories if each not in rivals))


def offices_shown(draft: Draft, directory: Directory) -> tuple[Category, ...]:
    """Return the categories in the order shown by the question for the office."""
    has_structure = draft.structure in directory.structure_by_id
    return tuple(each for each in directory.categories if has_structure or each.to_platform)


def category_answered(
    text: str | None, shown: tuple[Category, ...], directory: Directory
) -> str | None:
    """Return the category that a short answer names: by position, label, part of it or word.

    "InterCup, visto che succede con tutti" names it before the comma.
    """
    position = position_in(text, len(shown))
    if position is not None:
        return shown[position].id
    if not text or len(text) > 2 * POINTING_MAX:
        return None
    before, _, after = text.partition(",")
    for part in (text, before) if _BECAUSE.match(after.lower()) else (text,):
        named = set(content_words(part))
        found = [each.id for each in directory.categories if named and _names(each, named)]
        if len(found) == 1:
            return found[0]
    return None


def _names(category: Category, named: set[str]) -> bool:
    if any(named == set(content_words(words)) for words in category.words):
        return True
    labels = (category.label, category.short)
    shown = (set(re.findall(r"\w+", label.lower())) for label in labels)
    return not named <= _GENERIC and any(named <= words for words in shown)


def objects(turn: Turn) -> bool:
    """Return True if a text begins with an objection, and doesn't cancel."""
    text = (turn.text or "").lower()
    is_objection = _OBJECTS.match(text) is not None
    return is_objection and not speaks_of_cancelling(text.replace("ferm", ""))


def _contradicted(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Ask which office is right if another matter is told where a structure or a yes is due.

    An objection that may be about another matter asks too, even if it is likelier about this one.
    """
    refuses = turn.intent == "deny" and draft.step in ("privacy", "regulation")
    is_objection = draft.step in _OBJECTED_AT and objects(turn) and not refuses
    is_due = draft.step == "structure" or is_objection
    if not is_due or draft.rivals or draft.category is None or not _tells(turn):
        return None
    other = directory.likeliest_subject(turn.ranking)
    if other == draft.category and is_objection:
        other = directory.rival_of(draft.category, turn.ranking)
    if other is None or other == draft.category:
        return None
    told_more = with_more(draft, turn, directory) or draft
    return asking_between(told_more, (draft.category, other), turn, directory)


def _tells(turn: Turn) -> bool:
    """Return True if a text tells something, and doesn't only agree, ask or correct a fact."""
    is_other = is_interruption(turn.intent) or turn.intent in ("affirm", "cancel") or turn.yes_to
    return is_story(turn) and not (is_other or only_corrects(turn))


def category_changed(draft: Draft, turn: Turn, directory: Directory) -> Outcome | None:
    """Change the category by a button, or by a text that begins with a change of mind.

    A text that was the description belonged to the earlier matter; it is only offered then.
    """
    if draft.category in (None, directory.access.id):
        return None
    wanted = _wanted(turn, directory)
    if wanted and turn.text is None:
        label = directory.category_by_id[wanted].label
        changed = at_next_step(replace(draft, category=wanted).settled(), directory)
        return Outcome(changed, (Say("utter_category_taken", {"category_label": label}),))
    is_other = wanted not in (None, draft.category) and turn.confidence >= SURE
    # "Ho sbagliato il giorno" corrects what is told, not what is wanted.
    corrects = draft.step in ("confirmation", "edit_choice") and only_corrects(turn)
    if not (is_other and is_change_of_mind(turn.text)) or corrects:
        return _contradicted(draft, turn, directory)
    earlier = draft.description or draft.first_message
    draft = replace(draft, category=wanted, description=None, first_message=None)
    if is_story(turn):
        return told(draft, turn, directory)
    return told(replace(draft, first_message=earlier), turn, directory)
