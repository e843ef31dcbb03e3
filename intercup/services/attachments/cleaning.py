"""Turn a citizen's bytes into a clean file, without slowing anything else."""

import asyncio
import logging
import sys
from pathlib import Path

from intercup.domain.attachment import CleanFile, FileKind, FileRefused, clean_name, kind_of
from intercup.services.attachments.antivirus import scan
from intercup.services.attachments.rewriting import REFUSED

TIMEOUT = 30.0  # seconds of one rewriting, on a busy machine
AT_ONCE = 1  # rewriting, of up to 640 MB; others wait

logger = logging.getLogger(__name__)


class Cleaner:
    """Cleans files; `clamd` is the socket of ClamAV's daemon, if there is one."""

    def __init__(self, clamd: Path | None) -> None:
        self._clamd = clamd
        self._room = asyncio.Semaphore(AT_ONCE)

    async def clean(self, name: str, content: bytes) -> CleanFile:
        """Return the file, written anew.

        Raises:
            FileRefused: it isn't taken.
            Unavailable: the antivirus doesn't answer.
        """
        kind = kind_of(content)
        if self._clamd:
            await scan(self._clamd, content)
        async with self._room:
            written = await _rewritten(kind, content)
        return CleanFile(clean_name(name, kind), kind, written)


async def _rewritten(kind: FileKind, content: bytes) -> bytes:
    """Rewrite in a process that knows no secret."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-m", "intercup.services.attachments.rewriting", kind),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
    )
    try:
        async with asyncio.timeout(TIMEOUT):
            written, _ = await process.communicate(content)
    except TimeoutError:
        raise FileRefused("heavy") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == REFUSED:
        raise FileRefused(written.decode())
    if process.returncode:
        logger.info("a file could not be rewritten: status %d", process.returncode)
        raise FileRefused("heavy" if process.returncode < 0 else "damaged")
    return written
