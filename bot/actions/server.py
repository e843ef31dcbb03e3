"""Serve the actions on loopback with rasa-sdk."""

import hmac
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor
from sanic import HTTPResponse, Request, empty, raw
from sqlalchemy.ext.asyncio import AsyncSession

from actions.before_login import ActionBeforeLogin
from actions.cancel_request import ActionCancelRequest
from actions.clarify import ActionClarify
from actions.emergency import ActionAfterEmergency, ActionEmergency
from actions.session_start import ActionSessionStart
from actions.submit_request import ActionSubmitRequest
from actions.validate_request_form import ValidateRequestForm
from intercup.db.engine import Database
from intercup.errors import ConfigurationError, Unavailable
from intercup.log import TRACE, TRACE_HEADER, trace_of
from intercup.services.chat.action_service import ActionService
from intercup.services.limits import request_limits
from intercup.services.models.store import (
    Shipped,
    content_of,
    publish_shipped,
    recently_published,
)
from intercup.services.structures.structures import Structures
from intercup.settings import Settings
from intercup.watchdog import give_signs_of_life

if TYPE_CHECKING:
    from actions.shell_citizen import ShellCitizen

ACTIONS = (
    ActionSessionStart,
    ValidateRequestForm,
    ActionBeforeLogin,
    ActionSubmitRequest,
    ActionCancelRequest,
    ActionClarify,
    ActionEmergency,
    ActionAfterEmergency,
)


def serve(settings: Settings, shipped: Shipped, citizen: "ShellCitizen | None" = None) -> None:
    """Run the server until stopped; Rasa's models belong to the program of the shipped one.

    A test citizen talks in `rasa shell`.

    Raises:
        ConfigurationError: no secret is configured.
    """
    if not settings.rasa_secret:
        raise ConfigurationError(["INTERCUP_RASA_SECRET: manca; `intercup run` ne crea uno"])
    address = urlsplit(settings.actions_url)
    structures = Structures.load(settings.structures_file)
    structures.wait_for_changes()
    database = Database(settings.database_url)
    assistant = ActionService(
        database,
        structures,
        settings.mails,
        request_limits(settings),
        settings.secret_key,
    )
    executor = ActionExecutor()
    if citizen:
        from actions.shell_citizen import ShellExecutor

        executor = ShellExecutor(citizen, database, structures, settings)
    for action in ACTIONS:
        executor.register_action(action(assistant))
    app = create_app(executor)
    app.register_middleware(asking_for(settings.rasa_secret), "request")
    app.add_route(giving_the_model(database, shipped), "/model")
    app.add_task(structures.watch(database))
    app.add_task(give_signs_of_life())
    app.run(
        host=address.hostname or "127.0.0.1",
        port=address.port or 5055,
        single_process=True,
        access_log=False,
        motd=False,
    )


def giving_the_model(
    database: Database, shipped: Shipped
) -> Callable[[Request], Coroutine[Any, Any, HTTPResponse]]:
    """Make the route by which Rasa, which has no database, gets the published model."""

    base = shipped.base

    async def hashes(reading: AsyncSession) -> list[str]:
        return [model.sha256 for model in await recently_published(reading, base)]

    async def give(request: Request) -> HTTPResponse:
        try:
            async with database.read() as reading:
                recent = await hashes(reading)
            if not recent:  # as after `make train` without `migrate`
                async with database.write() as writing:
                    await publish_shipped(writing, shipped, time.time())
                    recent = await hashes(writing)
            refused = request.args.getlist("refused", [])
            usable = [sha256 for sha256 in recent if sha256 not in refused]
            if not usable or usable[0] == request.headers.get("If-None-Match"):
                return empty(status=304 if usable else 404)
            async with database.read() as reading:
                content = await content_of(reading, usable[0])
        except Unavailable:
            return empty(status=503)
        return raw(content, headers={"ETag": usable[0]})

    return give


def asking_for(secret: str) -> Callable[[Request], HTTPResponse | None]:
    """Make a middleware that refuses every call without the secret, except the probe's.

    It also notes the id of the citizen's HTTP request, for the log.
    """
    wanted = f"Bearer {secret}".encode()

    def refuse(request: Request) -> HTTPResponse | None:
        given = request.headers.get("Authorization", "").encode("utf-8", "replace")
        if request.path == "/health" or hmac.compare_digest(given, wanted):
            TRACE.set(trace_of(request.headers.get(TRACE_HEADER)))
            return None
        return empty(status=401)

    return refuse
