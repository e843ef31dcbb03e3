"""Serve the actions on loopback with rasa-sdk."""

import asyncio
import hmac
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIServer

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor
from sanic import HTTPResponse, Request, Sanic, empty, raw
from sanic.http import Http

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
from intercup.metrics import end_metrics
from intercup.services.chat.action_service import ActionService
from intercup.services.limits import request_limits
from intercup.services.models.store import (
    Shipped,
    content_of,
    publish_shipped,
    recent_hashes,
)
from intercup.services.structures.structures import Structures
from intercup.settings import Settings
from intercup.succession import Succession
from intercup.watchdog import give_signs_of_life

if TYPE_CHECKING:
    from actions.shell_citizen import ShellCitizen

# Seconds; Rasa closes a connection after 15 without a call, and each answer ends one.
DRAIN = 16.0
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


def serve(
    settings: Settings,
    shipped: Shipped,
    metrics: WSGIServer | None = None,
    citizen: "ShellCitizen | None" = None,
) -> None:
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
    succession = Succession(address.hostname or "127.0.0.1", address.port or 5055)
    hand_over(app, succession, metrics)
    app.add_task(give_signs_of_life())
    app.run(
        sock=succession.listening,
        single_process=True,
        access_log=False,
        motd=False,
    )


def hand_over(app: Sanic[Any, Any], succession: Succession, metrics: WSGIServer | None) -> None:
    """Let the application end when a successor serves, after its last connection."""

    def end_connection(request: Request, _: Any) -> None:
        if succession.is_over and isinstance(request.stream, Http):
            request.stream.keep_alive = False

    async def tell(_: Sanic[Any, Any]) -> None:
        succession.serves()

    async def end_when_succeeded() -> None:
        await succession.over()
        end_metrics(metrics)
        await asyncio.sleep(DRAIN)
        app.stop(terminate=False)

    app.register_middleware(end_connection, "response")
    app.register_listener(tell, "after_server_start")
    app.add_task(end_when_succeeded())


def giving_the_model(
    database: Database, shipped: Shipped
) -> Callable[[Request], Coroutine[Any, Any, HTTPResponse]]:
    """Make the route by which Rasa, which has no database, gets the published model."""

    base = shipped.base

    async def give(request: Request) -> HTTPResponse:
        try:
            async with database.read() as reading:
                recent = await recent_hashes(reading, base)
            if not recent:  # as after `make train` without `migrate`
                async with database.write() as writing:
                    await publish_shipped(writing, shipped, time.time())
                    recent = await recent_hashes(writing, base)
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
