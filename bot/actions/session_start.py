"""Start of a Rasa conversation from the database, as Rasa's own memory may be lost anytime."""

from rasa_sdk import Tracker
from rasa_sdk.events import ActionExecuted, ActiveLoop, SessionStarted, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, SafeAction
from actions.draft_slots import FORM, slot_events
from intercup.domain.dialogue import draft_from_json


class ActionSessionStart(SafeAction):
    """Restore the draft and the open question."""

    def name(self) -> str:
        return "action_session_start"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        known = await self.assistant.conversation_of(tracker.sender_id)
        events: Events = [SessionStarted(), SlotSet("authenticated", known.authenticated)]
        draft = draft_from_json(known.draft)
        events += slot_events(draft, {})
        # A step unknown to this version has no question: the form then asks the next one.
        if known.draft.get("step"):
            events.append(ActiveLoop(FORM))
        return [*events, ActionExecuted("action_listen")]
