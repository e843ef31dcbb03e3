"""Answers to a text not understood: first two readings, then menu and mailbox."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, SafeAction
from actions.draft_slots import draft_from, report, slot_events, turn_from
from intercup.domain.dialogue import note_story
from intercup.domain.dialogue.opening import is_story
from intercup.domain.directory import Directory
from intercup.texts import TEXTS

NAME = "action_clarify"


class ActionClarify(SafeAction):
    """Offer the two most likely readings as buttons, and only once in a row.

    The text is kept: after the choice it may become the description.
    """

    def name(self) -> str:
        return NAME

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        turn = turn_from(tracker)
        ranking = tracker.latest_message.get("intent_ranking") or []
        buttons = _likely_readings(ranking, _titles(self.assistant.directory, turn.authenticated))
        if len(buttons) < 2 or _last_action(tracker) == NAME:
            dispatcher.utter_message(response="utter_not_understood")
            return []
        dispatcher.utter_message(response="utter_clarify", buttons=buttons)
        dispatcher.utter_message(json_message={"asked": True})
        if not is_story(turn):
            return []
        draft = note_story(draft_from(tracker.slots, None), turn, self.assistant.directory)
        report(dispatcher, draft)
        return slot_events(draft, tracker.slots)


def _last_action(tracker: Tracker) -> str | None:
    names = (e["name"] for e in reversed(tracker.events) if e["event"] == "action")
    return next((name for name in names if name != "action_listen"), None)


def _titles(directory: Directory, authenticated: bool) -> dict[str, str]:
    """Return the words for each intent that can be offered."""
    categories = directory.categories
    if not authenticated:  # After login there is no access problem to offer.
        categories = (*categories, directory.access)
    readings = (reading for category in categories for reading in category.readings)
    return TEXTS.section("reading") | {reading.intent: reading.title for reading in readings}


def _likely_readings(ranking: list[dict[str, Any]], titles: dict[str, str]) -> list[dict[str, str]]:
    """Return a button for each of the two, in the menu's order: both are about as likely."""
    names = [reading["name"] for reading in ranking if reading["name"] in titles][:2]
    return [{"title": titles[name], "payload": f"/{name}"} for name in titles if name in names]
