"""An emergency outside a request: the advice, and the way back if there is none after all."""

from dataclasses import replace
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActionExecuted, UserUttered
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, SafeAction
from actions.draft_slots import draft_from, report, slot_events, turn_from
from intercup.domain.dialogue import after_alarm, raise_alarm


class ActionEmergency(SafeAction):
    """Give the advice, and keep the text's next reading."""

    def name(self) -> str:
        return "action_emergency"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        draft = draft_from(tracker.slots, None)
        alarmed = raise_alarm(draft, turn_from(tracker), self.assistant.directory).draft
        dispatcher.utter_message(response="utter_medical_emergency")
        report(dispatcher, alarmed)
        return slot_events(alarmed, tracker.slots)


class ActionAfterEmergency(SafeAction):
    """Take the next reading of the text that raised the alarm, as if it had come now."""

    def name(self) -> str:
        return "action_after_emergency"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        directory = self.assistant.directory
        draft = draft_from(tracker.slots, None)
        _, intent, _ = draft.alarm_parts
        if intent not in (*directory.category_of_intent, "request_assistance"):
            dispatcher.utter_message(response="utter_not_emergency")
            intent = ""
        if not draft.alarm:
            return []
        calm = replace(after_alarm(draft, directory), step=None)
        report(dispatcher, calm)
        events = slot_events(calm, tracker.slots)
        return [*events, *(_said_now(intent, tracker) if intent else ())]


def _said_now(intent: str, tracker: Tracker) -> Events:
    """Return the events of a button with this intent, which Rasa's rules then answer."""
    text = f"/{intent}"
    said: dict[str, Any] = {
        "intent": {"name": intent, "confidence": 1.0},
        "entities": [],
        "text": text,
        "metadata": tracker.latest_message.get("metadata") or {},
    }
    return [ActionExecuted("action_listen"), UserUttered(text, said)]
