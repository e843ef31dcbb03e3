"""Drop a request that was not sent."""

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, SafeAction
from actions.draft_slots import slot_events
from intercup.domain.dialogue import Draft


class ActionCancelRequest(SafeAction):
    """Forget the draft and say so."""

    def name(self) -> str:
        return "action_cancel_request"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        dispatcher.utter_message(response="utter_cancelled")
        dispatcher.utter_message(json_message={"ended": True, "cancelled": True})
        return slot_events(Draft(), tracker.slots)
