"""When the citizen isn't understood: two readings once, then the menu and a person's mailbox."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, SafeAction
from intercup.texts import TEXTS

NAME = "action_clarify"


class ActionClarify(SafeAction):
    """Offer the two most likely readings as buttons, and only once in a row."""

    def name(self) -> str:
        return NAME

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        buttons = _likely_readings(tracker.latest_message.get("intent_ranking") or [])
        if len(buttons) < 2 or _last_action(tracker) == NAME:
            dispatcher.utter_message(response="utter_not_understood")
        else:
            dispatcher.utter_message(response="utter_clarify", buttons=buttons)
        return []


def _last_action(tracker: Tracker) -> str | None:
    names = (e["name"] for e in reversed(tracker.events) if e["event"] == "action")
    return next((name for name in names if name != "action_listen"), None)


def _likely_readings(ranking: list[dict[str, Any]]) -> list[dict[str, str]]:
    titles = TEXTS.section("reading")
    names = [reading["name"] for reading in ranking if reading["name"] in titles]
    return [{"title": titles[name], "payload": f"/{name}"} for name in names[:2]]
