"""The only reader of bodies, with limits of size and time."""

import asyncio

from aiohttp import web

from intercup.errors import InvalidInput, TooLarge

BODY_TIMEOUT = 10.0  # seconds to receive a body


async def read_body(request: web.Request, most: int) -> bytes:
    """Read a body of at most `most` bytes.

    Raises:
        TooLarge, InvalidInput: it is too long, or arrives too slowly.
    """
    if (request.content_length or 0) > most:
        raise TooLarge("too_large")
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            raw = await request.content.readexactly(most + 1)
    except asyncio.IncompleteReadError as complete:
        raw = complete.partial
    except TimeoutError as error:
        raise InvalidInput("bad_request") from error
    if len(raw) > most:
        raise TooLarge("too_large")
    return raw
