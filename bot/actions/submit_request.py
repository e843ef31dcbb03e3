"""Store the request with its mails. Nothing is sent here: the worker does that."""

from dataclasses import replace

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, SafeAction
from actions.draft_slots import FORM, draft_from, report, slot_events
from intercup.domain.dialogue import ACCESS, Draft
from intercup.errors import AddressMissing, NotAuthenticated, TooMany, Unavailable


class ActionSubmitRequest(SafeAction):
    """Register the request and tell its number, or say truly that it isn't registered."""

    def name(self) -> str:
        return "action_submit_request"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        # Slots come with the call, from anybody; the draft was stored with what the citizen saw.
        known = await self.assistant.conversation_of(tracker.sender_id)
        draft = draft_from(known.draft, known.draft.get("step"))
        try:
            request = await self.assistant.submit(tracker.sender_id)
        except AddressMissing:
            return self._back_to(dispatcher, tracker, replace(draft, step="address"))
        except (Unavailable, NotAuthenticated, TooMany) as problem:
            dispatcher.utter_message(response=f"utter_not_registered_{problem.key}")
            return self._back_to(dispatcher, tracker, replace(draft, step="confirmation"))
        said = "utter_registered_access" if draft.category == ACCESS else "utter_registered"
        dispatcher.utter_message(response=said, request_number=request.number)
        dispatcher.utter_message(response="utter_ask_rating")
        dispatcher.utter_message(json_message={"ended": True})
        return slot_events(Draft(), tracker.slots)

    def _back_to(self, dispatcher: CollectingDispatcher, tracker: Tracker, kept: Draft) -> Events:
        """Ask the question of a step again; nothing of the draft is lost."""
        dispatcher.utter_message(response=f"utter_ask_request_form_{kept.step}")
        report(dispatcher, kept)
        return [*slot_events(kept, tracker.slots), SlotSet("ending", None), ActiveLoop(FORM)]
