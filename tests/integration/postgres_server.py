"""A real PostgreSQL of our own: Debian's binaries, a temporary folder, a free port."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def postgres_server() -> Iterator[str]:
    """Run a server; gives its address as `postgres@127.0.0.1:port`."""
    folder = Path(tempfile.mkdtemp(prefix="intercup-postgres-"))
    user = None
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root.
        user = "postgres"
        known = pwd.getpwnam(user)
        os.chown(folder, known.pw_uid, known.pw_gid)
    try:
        port = free_port()
        process = _start(folder, port, user)
        try:
            _wait_until_ready(process, port, user, folder)
            yield f"postgres@127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)
    finally:
        shutil.rmtree(folder)


def _start(folder: Path, port: int, user: str | None) -> subprocess.Popen[bytes]:
    data = folder / "data"
    subprocess.run(
        [binaries() / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"],
        check=True,
        cwd=folder,
        user=user,
        env={"LC_ALL": "C.UTF-8"},
        capture_output=True,
    )
    options = [f"-c{name}={value}" for name, value in OPTIONS.items()]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [binaries() / "postgres", "-D", data, "-p", str(port), *options],
            cwd=folder,
            user=user,
            env={"LC_ALL": "C.UTF-8"},
            stdout=log,
            stderr=log,
        )


def _wait_until_ready(
    process: subprocess.Popen[bytes], port: int, user: str | None, folder: Path
) -> None:
    end = time.monotonic() + PATIENCE
    command = [binaries() / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(command, check=False, cwd=folder, user=user).returncode != 0:
        if process.poll() is not None or time.monotonic() > end:
            raise AssertionError(f"PostgreSQL non parte: {(folder / 'log').read_text()}")
        time.sleep(0.05)
