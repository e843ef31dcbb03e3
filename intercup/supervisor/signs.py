"""Signs of life of a part, received as systemd would receive them (sd_notify(3))."""

import asyncio
import shutil
import socket
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

LONGEST = 4096  # bytes of a message
PAUSE = 5.0  # seconds between two looks, which are a second apart
MICROSECONDS = 1_000_000


class Signs:
    """The socket to which a part sends `WATCHDOG=1`. Nobody is missed before the first sign.

    A part without a watchdog gets no socket.
    """

    def __init__(self, watchdog_seconds: float | None) -> None:
        self.environment: dict[str, str] = {}
        self._longest_silence = watchdog_seconds or 0.0
        self._last: float | None = None
        self._folder: Path | None = None
        self._socket: socket.socket | None = None
        self._looked = time.monotonic()

    def __enter__(self) -> Self:
        if self._longest_silence:
            # Without room for the socket the part runs all the same.
            with suppress(OSError):
                self._listen()
        return self

    def _listen(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="intercup-"))
        address = str(self._folder / "signs")
        self._socket = listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listening.setblocking(False)
        listening.bind(address)
        asyncio.get_running_loop().add_reader(listening, self._read, listening)
        microseconds = round(self._longest_silence * MICROSECONDS)
        self.environment = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": str(microseconds)}

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def look(self) -> bool:
        """Look once more; return True if the part has been silent for too long.

        Silence doesn't count while nobody looked: the whole machine stood still, part and all.
        """
        now = time.monotonic()
        stood_still, self._looked = now - self._looked > PAUSE, now
        if stood_still and self._last is not None:
            self._last = now
        return self._last is not None and now - self._last > self._longest_silence

    def _read(self, listening: socket.socket) -> None:
        while True:
            try:
                message = listening.recv(LONGEST)
            except BlockingIOError:
                return
            if b"WATCHDOG=1" in message:
                self._last = time.monotonic()
