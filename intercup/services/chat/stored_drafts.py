"""A conversation's draft as stored: its key, and the ids of all texts that it was ever made of."""

from typing import Any

from intercup.domain.dialogue import draft_from_json
from intercup.services.chat.hearing import LANGUAGE_KEY, OTHER_KEY, SHOWN_KEY
from intercup.services.chat.optional_answers import KEY
from intercup.services.ids import new_id

# Parts of a draft that Rasa doesn't know.
KEPT = ("texts", KEY, LANGUAGE_KEY, OTHER_KEY, SHOWN_KEY)


def new_draft() -> dict[str, Any]:
    """Make an empty draft; its key makes the submission of it idempotent."""
    return {"key": new_id()}


def next_draft(draft: dict[str, Any], signals: dict[str, Any]) -> dict[str, Any]:
    """Return the draft after a turn: a new one if the request was sent or dropped."""
    if signals.get("ended"):
        return new_draft()
    if "draft" in signals:
        return following(signals["draft"], draft)
    return draft


def following(new: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Give a draft what Rasa doesn't know of the one that it goes on from."""
    kept = {name: before[name] for name in KEPT if name in before}
    new = new | {"key": before.get("key") or new_id(), "texts": []} | kept
    return with_texts(new, draft_from_json(before).texts)


def with_texts(draft: dict[str, Any], more: set[str]) -> dict[str, Any]:
    """Note in a stored draft the ids of all texts that it was ever made of, for its cancel."""
    return draft | {"texts": sorted({*all_texts(draft), *more})}


def all_texts(draft: dict[str, Any]) -> set[str]:
    """Return the ids of all texts that a draft was ever made of."""
    return {*draft.get("texts", ()), *draft_from_json(draft).texts}
