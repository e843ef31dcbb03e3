"""Serve the actions on loopback with rasa-sdk."""

from urllib.parse import urlsplit

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor

from actions.before_login import ActionBeforeLogin
from actions.cancel_request import ActionCancelRequest
from actions.clarify import ActionClarify
from actions.session_start import ActionSessionStart
from actions.submit_request import ActionSubmitRequest
from actions.validate_request_form import ValidateRequestForm
from intercup.db.engine import Database
from intercup.services.chat.action_service import ActionService
from intercup.services.limits import request_limits
from intercup.services.structures.structures_file import load_directory
from intercup.settings import Settings

ACTIONS = (
    ActionSessionStart,
    ValidateRequestForm,
    ActionBeforeLogin,
    ActionSubmitRequest,
    ActionCancelRequest,
    ActionClarify,
)


def serve(settings: Settings) -> None:
    """Run the server until it is stopped; without a database there is nothing to serve."""
    address = urlsplit(settings.actions_url)
    assistant = ActionService(
        Database(settings.database_url),
        load_directory(settings.structures_file),
        settings.mails,
        request_limits(settings),
        settings.secret_key,
    )
    executor = ActionExecutor()
    for action in ACTIONS:
        executor.register_action(action(assistant))
    app = create_app(executor)
    app.run(
        host=address.hostname or "127.0.0.1",
        port=address.port or 5055,
        single_process=True,
        access_log=False,
        motd=False,
    )
