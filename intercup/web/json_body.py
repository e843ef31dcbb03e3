"""The one reader of JSON that comes from a browser."""

import asyncio
import json

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from intercup.errors import InvalidInput, TooLarge

BODY_MAX = 16 * 1024  # bytes
BODY_TIMEOUT = 10.0  # seconds to receive it all


class Nothing(BaseModel):
    """An empty object."""

    model_config = ConfigDict(extra="forbid")


async def read_json[M: BaseModel](request: web.Request, model: type[M]) -> M:
    """Read and check a body.

    Raises:
        InvalidInput, TooLarge: it isn't what it should be.
    """
    # Only this exact type makes browsers ask before sending it from another site.
    if request.headers.get("Content-Type", "").lower() not in (
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=utf-8",
    ):
        raise InvalidInput("bad_request")
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            raw = await request.content.readexactly(BODY_MAX + 1)
    except asyncio.IncompleteReadError as complete:
        raw = complete.partial
    except TimeoutError as error:
        raise InvalidInput("bad_request") from error
    if len(raw) > BODY_MAX:
        raise TooLarge("too_large")
    try:
        return model.model_validate(json.loads(raw.decode("utf-8")))
    except (ValueError, RecursionError, ValidationError) as error:
        raise InvalidInput("bad_request") from error
