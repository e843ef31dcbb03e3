"""Registration of a request with its mails, which the worker sends."""

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, SafeAction
from actions.draft_slots import FORM, say_all, slot_events
from intercup.domain.dialogue import (
    Outcome,
    draft_from_json,
    not_registered,
    registered,
    without_address,
)
from intercup.errors import AddressMissing, NotAuthenticated, TooMany, Unavailable


class ActionSubmitRequest(SafeAction):
    """Register the request and say its number, or that it isn't registered."""

    def name(self) -> str:
        return "action_submit_request"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        # Not the slots, which any caller can set: the citizen has seen the stored draft.
        known = await self.assistant.conversation_of(tracker.sender_id)
        draft = draft_from_json(known.draft)
        try:
            request = await self.assistant.submit(tracker.sender_id)
        except AddressMissing:
            return _ask_again(dispatcher, tracker, without_address(draft))
        except (Unavailable, NotAuthenticated, TooMany) as problem:
            return _ask_again(dispatcher, tracker, not_registered(draft, problem.key))
        outcome = registered(draft, request.number)
        say_all(dispatcher, outcome)
        dispatcher.utter_message(json_message={"ended": True})
        return slot_events(outcome.draft, tracker.slots)


def _ask_again(dispatcher: CollectingDispatcher, tracker: Tracker, outcome: Outcome) -> Events:
    """Reopen the form at the outcome's step; Rasa closed it when the request was confirmed."""
    say_all(dispatcher, outcome)
    dispatcher.utter_message(response=f"utter_ask_{FORM}_{outcome.draft.step}")
    events = slot_events(outcome.draft, tracker.slots)
    return [*events, SlotSet("ending", None), ActiveLoop(FORM)]
