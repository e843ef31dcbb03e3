"""The base class of all actions: never raises, and gives access to the service."""

import logging
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from intercup.errors import Unavailable
from intercup.metrics import FAILURES, UNDERSTANDING, timed
from intercup.services.chat.action_service import ActionService
from intercup.services.chat.conversations import PROBE_SENDER
from intercup.services.chat.lease import LeaseLost

logger = logging.getLogger(__name__)

type Events = list[dict[str, Any]]

# They run before a text, or after another action that has had it.
NOT_FIRST = ("action_session_start", "action_submit_request", "action_cancel_request")


class SafeAction(Action):  # type: ignore[misc]
    """An action whose exceptions reach neither Rasa nor the citizen.

    An exception would make rasa-sdk answer with the whole tracker, which Rasa writes to its log,
    and would lose the citizen's turn.
    """

    def __init__(self, assistant: ActionService) -> None:
        self.assistant = assistant

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        is_probe = tracker.sender_id.startswith(PROBE_SENDER)
        if not is_probe:
            _count_understanding(self.name(), tracker.latest_message)
        try:
            with timed("probe of actions" if is_probe else "actions"):
                return await self.act(dispatcher, tracker)
        except LeaseLost:
            return _answering(dispatcher, "moved")
        except Unavailable as error:
            FAILURES.labels("actions", "outage").inc()
            logger.error("action %s found no database: %s", self.name(), error.key)
            return _answering(dispatcher, "outage")
        except Exception as error:
            FAILURES.labels("actions", "fault").inc()
            # The message could contain the citizen's words; class and place suffice.
            logger.error("action %s failed: %s", self.name(), _place_of(error))
            return _answering(dispatcher, "fault")

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Do the work; `run` catches all exceptions."""
        raise NotImplementedError


def _count_understanding(action: str, message: dict[str, Any]) -> None:
    text = message.get("text") or ""
    if action in NOT_FIRST or not text or text.startswith("/"):
        return  # Nothing had to be understood, or another action has counted it.
    intent = (message.get("intent") or {}).get("name")
    UNDERSTANDING.labels("fallback" if intent == "nlu_fallback" else "understood").inc()


def _answering(dispatcher: CollectingDispatcher, failed: str) -> Events:
    """Reply only with the kind of failure, which tells the gateway if a retry makes sense."""
    dispatcher.messages.clear()
    dispatcher.utter_message(json_message={"failed": failed})
    return []


def _place_of(error: Exception) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {place}"
