"""The gateway's channel: Rasa's own REST channel and a route to parse, protected by a secret."""

from __future__ import annotations

import hmac
import os
from typing import Any, Awaitable, Callable, Optional

from rasa.core.channels.channel import UserMessage
from rasa.core.channels.rest import RestInput
from rasa.shared.nlu.constants import INTENT_RANKING_KEY
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

VARIABLE = "INTERCUP_RASA_SECRET"
TEXT_MAX = 4_000  # characters


def authorization() -> str:
    """Return the Authorization header shared by gateway, Rasa and actions."""
    secret = os.environ.get(VARIABLE)
    if not secret:
        raise RuntimeError(f"{VARIABLE} is missing")
    return f"Bearer {secret}"


class GatewayInput(RestInput):
    """The REST channel, which Rasa's own API token doesn't protect."""

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the channel's routes, protected by the check of the secret."""
        wanted = authorization().encode()
        routes = super().blueprint(on_new_message)

        @routes.middleware("request")
        async def refuse(request: Request) -> Optional[HTTPResponse]:
            given = request.headers.get("Authorization", "").encode("utf-8", "replace")
            return None if hmac.compare_digest(given, wanted) else response.empty(status=401)

        @routes.route("/parse", methods=["POST"])
        async def parse(request: Request) -> HTTPResponse:
            """Return the likeliest intents of a text; no conversation knows of it."""
            body = request.json
            text = body.get("text") if isinstance(body, dict) else None
            if not isinstance(text, str) or len(text) > TEXT_MAX:
                return response.empty(status=400)
            parsed = await request.app.ctx.agent.parse_message(text)
            return response.json(parsed[INTENT_RANKING_KEY])

        return routes
