"""ClamAV's daemon, by its socket. Source: clamd(8), INSTREAM."""

import asyncio
import logging
from pathlib import Path

from intercup.domain.attachment import FileRefused
from intercup.errors import Unavailable

TIMEOUT = 20.0  # seconds
CHUNK = 64 * 1024  # bytes

logger = logging.getLogger(__name__)


async def scan(socket: Path, content: bytes) -> None:
    """Return if clamd finds nothing.

    Raises:
        FileRefused: it found something.
        Unavailable: it doesn't answer; a file that nobody has looked at isn't taken.
    """
    try:
        async with asyncio.timeout(TIMEOUT):
            answer = await _ask(socket, content)
    except (OSError, TimeoutError) as error:
        answer = type(error).__name__
    if answer.endswith("FOUND"):
        raise FileRefused("virus")
    if not answer.endswith("OK"):
        logger.error("ALARM clamd doesn't scan: %s", answer)
        raise Unavailable("files_unchecked")


async def _ask(socket: Path, content: bytes) -> str:
    reader, writer = await asyncio.open_unix_connection(socket)
    try:
        writer.write(b"zINSTREAM\0")
        for start in range(0, len(content), CHUNK):
            chunk = content[start : start + CHUNK]
            writer.write(len(chunk).to_bytes(4) + chunk)
            await writer.drain()
        writer.write(bytes(4))
        await writer.drain()
        return (await reader.read()).rstrip(b"\0").decode()
    finally:
        writer.close()
