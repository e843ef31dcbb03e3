"""One action, run by rasa-sdk's own executor."""

from typing import Any

from actions.base import SafeAction
from rasa_sdk.executor import ActionExecutor


async def run(action: SafeAction, sender: str, **tracker: Any) -> Any:
    """Run an action by rasa-sdk as for Rasa's call; an exception would become a 500."""
    executor = ActionExecutor()
    executor.register_action(action)
    state = {"sender_id": sender, "slots": {}, "latest_message": {}, "events": [], "paused": False}
    state |= {"followup_action": None, "active_loop": {}, "latest_action_name": None}
    call = {"next_action": action.name(), "sender_id": sender, "tracker": state | tracker}
    result = await executor.run(call | {"version": "3.6.21", "domain": {}})
    assert result
    return result.model_dump()
