"""Before login nothing can be sent, but what was said is kept for afterwards."""

from dataclasses import replace

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, SafeAction
from actions.draft_slots import draft_from, report, slot_events, turn_from
from intercup.domain.dialogue import open_request


class ActionBeforeLogin(SafeAction):
    """Take note of category, structure and text, and lead to the login or to the mailbox."""

    def name(self) -> str:
        return "action_before_login"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        turn = turn_from(tracker)
        draft = draft_from(tracker.slots, None)
        is_access = turn.intent == "report_access_problem"
        if not is_access:  # Whoever then logs in has no such problem any more.
            draft = open_request(draft, turn, self.assistant.directory).draft
            draft = replace(draft, step=None)
        response = "utter_access_problem" if is_access else "utter_login_needed"
        dispatcher.utter_message(response=response)
        report(dispatcher, draft)
        return slot_events(draft, tracker.slots)
