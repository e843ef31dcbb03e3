"""The request form: every answer goes through `intercup.domain.dialogue`."""

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, SafeAction
from actions.draft_slots import draft_from, say_all, slot_events, turn_from
from intercup.domain.dialogue import advance, open_request


class ValidateRequestForm(SafeAction):
    """Interpret an answer and choose the next question."""

    def name(self) -> str:
        return "validate_request_form"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        # Rasa marks a loop as active even while opening it; then no slot is requested yet.
        draft = draft_from(tracker.slots, tracker.get_slot("requested_slot"))
        decide = advance if draft.step else open_request
        outcome = decide(draft, turn_from(tracker), self.assistant.directory)
        say_all(dispatcher, outcome)
        return [*slot_events(outcome.draft, tracker.slots), SlotSet("ending", outcome.ending)]
