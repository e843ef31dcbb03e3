"""The successor of a serving process: the same command, started beside it on the same socket.

On SIGUSR2, sent by `systemctl reload`, it starts from the program that is now on the disk. Once it
serves, systemd takes it for the main process, and the process before ends after its open requests.
A successor that doesn't start changes nothing.
"""

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress

from intercup.watchdog import notify

# A successor inherits two descriptors: the listening socket's and that of a pipe to report on.
VARIABLE = "SUCCESSION"
SERVES = b"1"
START_LIMIT = 60.0  # seconds

logger = logging.getLogger(__name__)


class Succession:
    """The listening socket, inherited or new, and its way to the next process."""

    def __init__(self, host: str, port: int) -> None:
        signal.signal(signal.SIGUSR2, signal.SIG_IGN)  # until `over`: by default it would end us
        inherited = os.environ.pop(VARIABLE, "").split()
        self._pipe = int(inherited[1]) if inherited else None
        self.listening = (
            socket.socket(fileno=int(inherited[0])) if inherited else _bound(host, port)
        )
        self.is_over = False

    def serves(self) -> None:
        """Tell systemd, then the process before, that this one serves in its place."""
        if self._pipe is not None:
            notify(f"MAINPID={os.getpid()}")
            with suppress(BrokenPipeError):
                os.write(self._pipe, SERVES)
            os.close(self._pipe)

    async def over(self) -> None:
        """Return once a successor, started on SIGUSR2, serves."""
        asked = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR2, asked.set)
        while not self.is_over:
            await asked.wait()
            asked.clear()
            self.is_over = await self._is_succeeded()
            if not self.is_over:
                logger.error("ALARM the successor doesn't start: the process before goes on")

    async def _is_succeeded(self) -> bool:
        """Start a successor, and return True once it serves, False if it ends or takes too long."""
        try:
            process, reading = self._successor()
        except OSError as error:  # the program is away, or there are too many processes or files
            logger.warning("the successor can't be spawned: %s", error)
            return False
        loop, readable = asyncio.get_running_loop(), asyncio.Event()
        late = loop.call_later(START_LIMIT, process.kill)
        loop.add_reader(reading, readable.set)
        told = b""
        try:
            await readable.wait()
            told = os.read(reading, len(SERVES))
        finally:
            late.cancel()
            loop.remove_reader(reading)
            os.close(reading)
            if told != SERVES:
                process.kill()
                process.wait()
        return told == SERVES

    def _successor(self) -> tuple[subprocess.Popen[bytes], int]:
        """Spawn a successor; return it with the descriptor that it tells through.

        Raises:
            OSError: there is none.
        """
        reading, writing = os.pipe()
        inherited = (self.listening.fileno(), writing)
        try:
            process = subprocess.Popen(  # noqa: S603 (our own program; it starts at once)
                [sys.executable, *sys.orig_argv[1:]],
                env=os.environ | {VARIABLE: " ".join(map(str, inherited))},
                pass_fds=inherited,
            )
        except OSError:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        return process, reading


def _bound(host: str, port: int) -> socket.socket:
    """Return a socket for the address, which refuses connections until a server listens."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(address)
    return bound
