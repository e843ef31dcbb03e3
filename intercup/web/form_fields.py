"""The fields of a posted form."""

import asyncio

from aiohttp import web

from intercup.domain.request import TEXT_FIELDS
from intercup.errors import InvalidInput
from intercup.web.json_body import BODY_TIMEOUT

# Fields where line ends are usual: people's text, and base64 as some identity providers break it.
WITH_LINES = frozenset({*TEXT_FIELDS, "note", "details", "SAMLResponse", "SAMLRequest"})


async def read_fields(request: web.Request, names: tuple[str, ...]) -> dict[str, str]:
    """Read the text fields of a form; a missing one is empty.

    Raises:
        InvalidInput: the body isn't a form, comes too slowly, or holds control characters
            where no person types.
    """
    if (
        request.content_type != "application/x-www-form-urlencoded"
        or (request.charset or "utf-8").lower() != "utf-8"
    ):
        raise InvalidInput("bad_request")
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            posted = await request.post()
    except (ValueError, LookupError, TimeoutError) as error:
        raise InvalidInput("bad_request") from error
    values = {name: str(posted.get(name, "")) for name in names}
    if not all(values[name].isprintable() for name in values.keys() - WITH_LINES):
        raise InvalidInput("bad_request")
    return values
