"""The supervisor's side of the guard: start it, tell it which process groups to watch."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from intercup.supervisor import guard


class Guarded:
    """The process groups that the guard ends if we die."""

    def __init__(self, pipe: asyncio.StreamWriter) -> None:
        self._pipe = pipe

    def watch(self, group: int) -> None:
        """End this group if we die."""
        self._pipe.write(b"+%d\n" % group)

    def forget(self, group: int) -> None:
        """Forget this group: it is gone, and its number may be reused."""
        self._pipe.write(b"-%d\n" % group)


@asynccontextmanager
async def guarded(grace_seconds: float) -> AsyncIterator[Guarded]:
    """Run the guard by its path, so that it imports none of our modules and stays small."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-S",
        str(guard.__file__),
        str(grace_seconds),
        stdin=PIPE,
        stdout=DEVNULL,
        stderr=DEVNULL,
        start_new_session=True,
    )
    assert process.stdin is not None  # noqa: S101 - narrows the type; PIPE was asked for.
    try:
        yield Guarded(process.stdin)
    finally:
        process.stdin.close()
        await process.wait()
