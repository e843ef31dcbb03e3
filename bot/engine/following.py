"""A process that serves the published model, and passes to the next one without a failed turn.

The Rasa with the next model starts beside the one in use, on the same listening socket. Once it has
loaded and tried its model, the old one stops to accept, finishes its turns and ends; then the new
one accepts what has queued. The actions know what is published: only they have the database.

For a while after a release another Rasa has the model before, loaded and tried, for a way back.
"""

from __future__ import annotations

import hashlib
import logging
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from functools import partial
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Callable, Dict, List, Optional, Tuple
from urllib.parse import urlencode

from engine.beside import GO, READY
from engine.channel_secret import authorization

POLL = 1.0  # seconds between two questions for the published model
ANSWER_WITHIN = 10.0  # seconds
RENEW = signal.SIGUSR2  # as `systemctl reload` sends it
LOAD_WITHIN = 120.0  # seconds
LOAD_BESIDE_WITHIN = 300.0  # seconds, in low priority on a busy machine
# Seconds for the old server's turns; those that take longer end beside the new server.
DRAIN = 3.0
END_WITHIN = 25.0  # seconds
READY_FOR = 900.0  # seconds after a release, in which the model before only has to be told to serve
REFUSED_FOR = 60.0  # seconds until a model that didn't work is tried again; then twice as long
REFUSED_AT_MOST = 3600.0  # seconds

logger = logging.getLogger(__name__)


class Rasa:
    """A server of the launcher, which waits for its model, then for the order to serve.

    Its start `gives_way` to another server's turns.

    Raises:
        OSError: it can't be spawned.
    """

    def __init__(
        self, project: Path, port: int, listening: socket.socket, gives_way: bool = False
    ) -> None:
        self._control, theirs = socket.socketpair()
        descriptors = (listening.fileno(), theirs.fileno())
        command = [sys.executable, "-m", "engine.launcher", "--project", str(project), "run"]
        options = zip(("--port", "--listen", "--control"), (port, *descriptors), strict=True)
        try:
            self.process = subprocess.Popen(  # noqa: S603 (our own program)
                [
                    *command,
                    *(str(word) for option in options for word in option),
                    *(["--gives-way"] if gives_way else []),
                ],
                cwd=Path(__file__).parent.parent,
                pass_fds=descriptors,
            )
        except OSError:
            self._control.close()
            raise
        finally:
            theirs.close()
        self.model = ""

    @property
    def is_alive(self) -> bool:
        """Return True until the process has ended."""
        return self.process.poll() is None

    def load(self, model: Path, other: Optional["Rasa"] = None) -> bool:
        """Load and try a model, while the other server lives; return False if it doesn't work."""
        self.begin_to_load(model)
        return self.has_loaded(other)

    def begin_to_load(self, model: Path) -> None:
        """Tell it to load and try a model."""
        self.model = _name(model)
        with suppress(OSError):  # it has ended, as `has_loaded` finds
            self._control.sendall(f"{model}\n".encode())

    def has_loaded(self, other: Optional["Rasa"] = None) -> bool:
        """Wait, while the other server lives, and return False if the model doesn't work."""
        try:
            return self._says_ready(other)
        except OSError:
            return False

    def _says_ready(self, other: Optional["Rasa"]) -> bool:
        self._control.settimeout(POLL)
        until, said = time.monotonic() + (LOAD_BESIDE_WITHIN if other else LOAD_WITHIN), b""
        while said != READY and time.monotonic() < until and (other is None or other.is_alive):
            try:
                more = self._control.recv(len(READY))
            except socket.timeout:
                continue
            if not more:
                break
            said += more
        return said == READY

    def serve(self) -> None:
        """Begin to accept connections."""
        self._control.sendall(GO)

    def end(self, seconds: float) -> bool:
        """Ask for an end after the current turns; return True if it came in time."""
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def give_up(self) -> str:
        """End it at once, as it serves nobody; return its model."""
        self.process.kill()
        self.process.wait()
        return self.model


def follow(project: Path, port: int, actions_webhook: str) -> int:
    """Serve what is published until the server in use ends by itself; return the exit status.

    On SIGUSR2 the same model starts anew, from the program that is now on the disk.
    """
    signal.signal(signal.SIGTERM, _stop)
    asked: List[int] = []
    signal.signal(RENEW, lambda number, _: asked.append(number))
    servers: List[Rasa] = []
    with TemporaryDirectory() as folder, _bound(port) as listening:
        published = Published(actions_webhook, Path(folder))
        new = partial(Rasa, project, port, listening)
        beside = partial(new, gives_way=True)
        way_back = WayBack(beside)
        try:
            _start(servers, new, published)
            while servers[-1].is_alive:
                time.sleep(POLL)
                servers[:-1] = [each for each in servers[:-1] if each.is_alive]
                way_back.end_when_due()
                if model := published.newer_than("" if asked else servers[-1].model):
                    if asked:  # the one that is kept has the program of before
                        way_back.end()
                    asked.clear()
                    _turn(servers, beside, model, published, way_back)
        finally:
            way_back.end()
            for each in servers:
                each.process.terminate()
            for each in servers:
                if not each.end(END_WITHIN):
                    each.process.kill()
    return 1


def _start(servers: List[Rasa], new: Callable[[], Rasa], published: "Published") -> None:
    """Serve the published model, or the one before if it doesn't work; ends if a server ends."""
    servers.append(new())
    while servers[0].is_alive:
        model = published.newer_than("")
        if model is None:
            time.sleep(POLL)
        elif servers[0].load(model):
            servers[0].serve()
            return
        else:
            logger.error("ALARM the published model %s doesn't work", servers[0].model[:8])
            published.refuse(servers.pop().give_up())
            servers.append(new())


class WayBack:
    """A server beside the one in use, which has the model before for READY_FOR after a release."""

    def __init__(self, new: Callable[[], Rasa]) -> None:
        self._new = new
        self._kept: Optional[Rasa] = None
        self._until = 0.0

    def prepare(self, model: Path) -> None:
        """Let a server load the model before, if its file is still here."""
        self.end()
        if model.exists():
            with suppress(OSError):  # as without memory for it: a way back takes longer then
                self._kept = self._new()
                self._kept.begin_to_load(model)
                self._until = time.monotonic() + READY_FOR

    def take(self, model: str) -> Optional[Rasa]:
        """Return the server if it has this model, else end it: memory suffices for two."""
        kept = self._kept
        if kept is None or kept.model != model or not kept.is_alive:
            self.end()
            return None
        self._kept = None
        return kept

    def end_when_due(self) -> None:
        """End the server after its time."""
        if time.monotonic() >= self._until:
            self.end()

    def end(self) -> None:
        """End the server, if there is one."""
        if self._kept:
            self._kept.give_up()
        self._kept = None


def _turn(
    servers: List[Rasa],
    new: Callable[[], Rasa],
    model: Path,
    published: "Published",
    way_back: WayBack,
) -> None:
    """Pass from the last server to a new one, or keep the last if the new one doesn't work.

    Both may have the same model, when the program is new; then it isn't the model's fault.
    """
    old, name = servers[-1], _name(model)
    kept = way_back.take(name)
    try:
        servers.append(kept or new())
    except OSError as error:  # the program is away, or there are too many processes or files
        logger.error("ALARM no other Rasa can be spawned, %s stays: %s", old.model[:8], error)
    else:
        if servers[-1].has_loaded(old) if kept else servers[-1].load(model, old):
            old.end(DRAIN)
            servers[-1].serve()
            if name != old.model:
                way_back.prepare(model.with_name(f"{old.model}.tar.gz"))
            return
        logger.error("ALARM the published model %s doesn't work, %s stays", name[:8], old.model[:8])
        servers.pop().give_up()
    if name != old.model:
        published.refuse(name)


class Published:
    """The published model, as the actions give it: the one before if it has been refused."""

    def __init__(self, actions_webhook: str, folder: Path) -> None:
        self._url = actions_webhook.rpartition("/")[0] + "/model"
        self._folder = folder
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
        self._refused: Dict[str, Tuple[float, float]] = {}  # until when, and for how long

    def refuse(self, model: str) -> None:
        """Leave a model out that doesn't work, each time for longer: the fault may be elsewhere."""
        _, last = self._refused.get(model, (0.0, REFUSED_FOR / 2))
        pause = min(2 * last, REFUSED_AT_MOST)
        self._refused[model] = (time.monotonic() + pause, pause)

    def newer_than(self, model: str) -> Optional[Path]:
        """Return the file of another published model; None if there is none or nobody answers."""
        now = time.monotonic()
        refused = [("refused", each) for each, (until, _) in self._refused.items() if now < until]
        url = f"{self._url}?{urlencode(refused)}"
        headers = {"Authorization": authorization(), "If-None-Match": model}
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 (loopback)
        try:
            with self._open(request, timeout=ANSWER_WITHIN) as answer:
                return self._kept(answer.read(), answer.headers["ETag"], model)
        except (OSError, HTTPException):  # the actions are away, or the disk is full
            return None

    def _kept(self, content: bytes, wanted: str, in_use: str) -> Optional[Path]:
        """Keep a whole model, beside the one in use."""
        if hashlib.sha256(content).hexdigest() != wanted:
            return None
        for old in self._folder.iterdir():
            if _name(old) != in_use:
                old.unlink()
        file = self._folder / f"{wanted}.tar.gz"
        file.write_bytes(content)
        return file


def _name(model: Path) -> str:
    return model.name.partition(".")[0]


def _bound(port: int) -> socket.socket:
    """Return a socket for the port, which refuses connections until a server listens."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    return bound


def _stop(*_: Any) -> None:
    raise SystemExit(os.EX_OK)
