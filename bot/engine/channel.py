"""The gateway's channel: Rasa's own REST channel and a route to parse, protected by a secret."""

from __future__ import annotations

import hmac
import logging
from typing import Any, Awaitable, Callable, Dict, Optional

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.channels.rest import RestInput
from rasa.shared.nlu.constants import FULL_RETRIEVAL_INTENT_NAME_KEY, INTENT_RANKING_KEY
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from engine.channel_secret import VARIABLE, authorization, is_secret_given
from engine.emergency_detector import POSSIBLE
from engine.safe_logging import TRACE
from engine.sentence_featurizer import sentence_encoder

logger = logging.getLogger(__name__)

TEXT_MAX = 4_000  # characters
MODEL_ID = 8  # characters that tell one model from another
TRACE_HEADER = "X-Request-Id"


def call_headers() -> Dict[str, str]:
    """Return the headers of a call to the actions: the secret, and the id of the HTTP request."""
    secret = {"Authorization": authorization()} if is_secret_given() else {}
    return {TRACE_HEADER: TRACE.get(), **secret}


class NamingOutput(CollectingOutputChannel):
    """Replies that name their answer and its values: the gateway may have newer words for it."""

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        """Collect a reply; `message` has the answer's values among its own strings."""
        values = {name: value for name, value in message.items() if isinstance(value, str)}
        answer = {"name": values.pop("utter_action", ""), "values": values}
        values.pop("text", None)
        first = len(self.messages)
        await super().send_response(recipient_id, message)
        for sent in self.messages[first:]:
            if "text" in sent and answer["name"]:
                sent["answer"] = answer


class GatewayInput(RestInput):
    """The REST channel, which Rasa's own API token doesn't protect."""

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the channel's routes, protected by the check of the secret."""
        wanted = authorization().encode() if is_secret_given() else None
        if wanted is None:
            logger.warning("%s is missing: the channel refuses everybody", VARIABLE)
        routes = super().blueprint(on_new_message)

        @routes.middleware("request")
        async def refuse(request: Request) -> Optional[HTTPResponse]:
            given = request.headers.get("Authorization", "").encode("utf-8", "replace")
            if wanted is None or not hmac.compare_digest(given, wanted):
                return response.empty(status=401)
            TRACE.set(request.headers.get(TRACE_HEADER, ""))
            return None

        @routes.route("/parse", methods=["POST"])
        async def parse(request: Request) -> HTTPResponse:
            """Return the likeliest intents of a text; no conversation knows of it."""
            text = _text_of(request)
            if text is None:
                return response.empty(status=400)
            parsed = await request.app.ctx.agent.parse_message(text)
            return response.json(parsed[INTENT_RANKING_KEY])

        @routes.route("/explain", methods=["POST"])
        async def explain(request: Request) -> HTTPResponse:
            """Return a text's reading, tier of emergency and embedding, outside any chat."""
            text = _text_of(request)
            if text is None:
                return response.empty(status=400)
            agent = request.app.ctx.agent
            parsed = await agent.parse_message(text)
            (vector,) = sentence_encoder().encode([text.lower()])
            reading = reading_of(parsed, agent.model_id)
            doubtful = bool(parsed.get(POSSIBLE))
            return response.json(
                {**reading, "doubtful": doubtful, "vector": [round(float(x), 4) for x in vector]}
            )

        return routes


def _text_of(request: Request) -> Optional[str]:
    body = request.json
    text = body.get("text") if isinstance(body, dict) else None
    return text if isinstance(text, str) and len(text) <= TEXT_MAX else None


def reading_of(parsed: Dict[str, Any], model_id: Optional[str]) -> Dict[str, Any]:
    """Return the likeliest intents by their full names, and the model that found them."""
    ranking = [
        [each.get(FULL_RETRIEVAL_INTENT_NAME_KEY) or each["name"], each["confidence"]]
        for each in parsed.get(INTENT_RANKING_KEY) or []
    ]
    return {"ranking": ranking, "model": (model_id or "")[:MODEL_ID]}
