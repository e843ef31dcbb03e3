"""A real PostgreSQL of our own: Debian's binaries, a temporary folder, a free port."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.ports import free_port

BINARIES = Path("/usr/lib/postgresql")
OLDEST = 15  # the oldest version tried
PATIENCE = 30.0  # seconds for the server to start or stop
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "60",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
}


def binaries() -> Path:
    """The newest installed version's folder."""
    folders = [p for p in BINARIES.glob("*/bin") if (p / "postgres").exists()]
    versions = {int(p.parent.name): p for p in folders if p.parent.name.isdigit()}
    found = max((version for version in versions if version >= OLDEST), default=None)
    if found is None:
        raise AssertionError(
            f"PostgreSQL {OLDEST} o successivo manca in {BINARIES}: apt-get install postgresql"
        )
    return versions[found]


@contextmanager
def postgres_server(place: Path | None = None) -> Iterator[str]:
    """Run a server, with its data in a place; yield its address as `postgres@127.0.0.1:port`."""
    with postgres_that_restarts(place) as server:
        yield server.address


@contextmanager
def postgres_that_restarts(place: Path | None = None) -> Iterator["PostgresServer"]:
    """Run a server that a test may stop and start."""
    folder = Path(tempfile.mkdtemp(prefix="intercup-postgres-", dir=place))
    user = None
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root.
        user = "postgres"
        known = pwd.getpwnam(user)
        os.chown(folder, known.pw_uid, known.pw_gid)
    try:
        server = PostgresServer(folder, free_port(), user)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


class PostgresServer:
    """A server's folder and its process."""

    def __init__(self, folder: Path, port: int, user: str | None) -> None:
        self._folder, self._port, self._user = folder, port, user

    @property
    def address(self) -> str:
        return f"postgres@127.0.0.1:{self._port}"

    def make(self) -> None:
        """Make the data folder, without waiting for the disk as for one to be kept."""
        subprocess.run(
            [
                *(binaries() / "initdb", "-D", self._folder / "data"),
                *("-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"),
            ],
            check=True,
            cwd=self._folder,
            user=self._user,
            env={"LC_ALL": "C.UTF-8"},
            capture_output=True,
        )

    @property
    def folder(self) -> Path:
        return self._folder

    @property
    def user(self) -> str | None:
        return self._user

    def start(self, **more: str) -> None:
        """Start with these options too, and wait until it answers."""
        options = [f"-c{name}={value}" for name, value in (OPTIONS | more).items()]
        command = [binaries() / "postgres", "-D", self._folder / "data", "-p", str(self._port)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *options],
                cwd=self._folder,
                user=self._user,
                env={"LC_ALL": "C.UTF-8"},
                stdout=log,
                stderr=log,
            )
        self._wait_until_ready()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop: SIGINT ends the sessions first, SIGQUIT ends at once like a crash."""
        self._process.send_signal(how)
        self._process.wait(PATIENCE)

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Stop the server and its sessions, which keep their connections open."""
        pids = [self._process.pid, *_children(self._process.pid)]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + PATIENCE
        command = [binaries() / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self._port)]
        options = {"cwd": self._folder, "user": self._user}
        while subprocess.run(command, check=False, **options).returncode != 0:  # type: ignore[call-overload]
            if self._process.poll() is not None or time.monotonic() > end:
                log = (self._folder / "log").read_text()
                raise AssertionError(f"PostgreSQL non parte: {log}")
            time.sleep(0.05)


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
