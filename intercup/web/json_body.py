"""The only reader of JSON from browsers."""

import json

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from intercup.errors import InvalidInput
from intercup.web.body import read_body

JSON_MAX = 16 * 1024  # bytes
JSON_TYPES = (
    "application/json",
    "application/json; charset=utf-8",
    "application/json;charset=utf-8",
)


class Nothing(BaseModel):
    """An empty object."""

    model_config = ConfigDict(extra="forbid")


async def read_json[M: BaseModel](request: web.Request, model: type[M]) -> M:
    """Read and check a body.

    Raises:
        InvalidInput, TooLarge: it isn't valid, or too large.
    """
    # For this exact type browsers need permission (CORS) to send it from another site.
    if request.headers.get("Content-Type", "").lower() not in JSON_TYPES:
        raise InvalidInput("bad_request")
    raw = await read_body(request, JSON_MAX)
    try:
        return model.model_validate(json.loads(raw.decode("utf-8")))
    except (ValueError, RecursionError, ValidationError) as error:
        raise InvalidInput("bad_request") from error
