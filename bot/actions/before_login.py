"""Before login nothing can be sent to a structure, but the answers are kept for afterwards."""

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, SafeAction
from actions.draft_slots import draft_from, say_all, slot_events, turn_from
from intercup.domain.dialogue import open_request


class ActionBeforeLogin(SafeAction):
    """Keep category, structure and text, and lead to the login."""

    def name(self) -> str:
        return "action_before_login"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        draft = draft_from(tracker.slots, None)
        outcome = open_request(draft, turn_from(tracker), self.assistant.directory)
        say_all(dispatcher, outcome)
        return slot_events(outcome.draft, tracker.slots)
