"""Readiness checks of a part. No HTTP client: one status line is enough."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

from intercup.supervisor.part import Part

ANSWER_WITHIN = 2.0  # seconds
SETTLED_AFTER = 3.0  # seconds that a part without an address must live to count as ready


async def is_ready(part: Part, age_seconds: float) -> bool:
    """Return True if the part, started that long ago, is ready."""
    if part.ready is None:
        return age_seconds >= SETTLED_AFTER
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            if isinstance(part.ready, str):
                return await answers_ok(part.ready)
            return await accepts(*part.ready)
    except (OSError, TimeoutError, ValueError):
        return False


async def accepts(host: str, port: int) -> bool:
    """Return True if the address accepts a connection; raise OSError if not."""
    _, writer = await asyncio.open_connection(host, port)
    await close(writer)
    return True


async def answers_ok(url: str) -> bool:
    """Return True if a GET of the http:// address is answered with 2xx."""
    target = urlsplit(url)
    host, port = target.hostname or "127.0.0.1", target.port or 80
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    reader, writer = await asyncio.open_connection(host, port)
    try:
        request = f"GET {path} HTTP/1.1\r\nHost: {target.netloc}\r\nConnection: close\r\n\r\n"
        writer.write(request.encode("ascii"))
        status = await reader.readline()
    finally:
        await close(writer)
    return status.startswith(b"HTTP/1.") and status[9:10] == b"2"


async def close(writer: asyncio.StreamWriter) -> None:
    """Close the connection, ignoring errors of the other side."""
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
