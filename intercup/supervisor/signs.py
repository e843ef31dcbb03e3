"""Signs of life of a part, received as systemd would receive them (sd_notify(3))."""

import asyncio
import shutil
import socket
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

LONGEST = 4096  # bytes of a message
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

    def __enter__(self) -> Self:
        if self._longest_silence:
            self._folder = Path(tempfile.mkdtemp(prefix="intercup-"))
            address = str(self._folder / "signs")
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)
            self._socket.bind(address)
            asyncio.get_running_loop().add_reader(self._socket, self._read)
            microseconds = round(self._longest_silence * MICROSECONDS)
            self.environment = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": str(microseconds)}
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._folder is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def are_missing(self) -> bool:
        """Return True if the part has been silent for too long."""
        return self._last is not None and time.monotonic() - self._last > self._longest_silence

    def _read(self) -> None:
        while True:
            try:
                message = self._socket.recv(LONGEST)
            except BlockingIOError:
                return
            if b"WATCHDOG=1" in message:
                self._last = time.monotonic()
