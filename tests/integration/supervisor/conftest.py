"""Real processes on free ports, and nobody left behind by any test."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.supervisor_harness import PATIENCE, Supervised, alive, until


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Supervised]:
    supervised = Supervised(tmp_path)
    yield supervised
    if supervised.process is not None and supervised.process.poll() is None:
        supervised.process.terminate()
        supervised.process.wait(PATIENCE)
    until(lambda: not any(map(alive, supervised.pids())), "the end of all parts")


@pytest.fixture
def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
