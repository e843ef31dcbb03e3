"""Real processes on free ports, and nobody left behind by any test."""

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
