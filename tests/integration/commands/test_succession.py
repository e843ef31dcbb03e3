"""A successor that can't start: the process before serves on."""

import asyncio
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import aiohttp
import pytest

from intercup.succession import Succession
from tests.support.paths import ROOT
from tests.support.ports import free_port
from tests.support.units import Unit

NOTICED_WITHIN = 70.0  # seconds; after 60 it is killed


@pytest.mark.parametrize(("part", "path"), [("web", "/live"), ("actions", "/health")])
async def test_a_successor_that_does_not_start_changes_nothing(
    part: str, path: str, sqlite_template: Path, tmp_path: Path
) -> None:
    shutil.copy(sqlite_template, tmp_path / "intercup.db")
    structures = Path(shutil.copy(ROOT / "config/structures.yaml", tmp_path))
    port = free_port()
    environment = {
        "INTERCUP_DATA_DIR": str(tmp_path),
        "INTERCUP_STRUCTURES_FILE": str(structures),
        "INTERCUP_HTTP_PORT": str(port),
        "INTERCUP_ACTIONS_URL": f"http://127.0.0.1:{port}",
        "INTERCUP_RASA_SECRET": "s" * 32,
    }
    unit = Unit(part, tmp_path, environment)
    try:
        await asyncio.to_thread(unit.start)
        before = unit.main_pid
        await asyncio.to_thread(structures.write_text, "structures: none", "utf-8")
        os.kill(before, signal.SIGUSR2)
        async with asyncio.timeout(NOTICED_WITHIN):
            while "ALARM the successor doesn't start" not in unit.log():  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.2)
        assert unit.main_pid == before
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"http://127.0.0.1:{port}{path}") as ok,
        ):
            assert ok.status == 200
    finally:
        await asyncio.to_thread(unit.stop)


@contextmanager
def no_program(folder: Path) -> Iterator[None]:
    """As after a setup that broke off."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "executable", str(folder / "python"))
        yield


@contextmanager
def no_descriptor(_: Path) -> Iterator[None]:
    """As with too many connections."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with open(os.devnull) as lowest:  # noqa: PTH123
        free = lowest.fileno()
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("missing", [no_program, no_descriptor])
async def test_a_successor_that_cannot_be_spawned_is_an_alarm_each_time(
    missing: Callable[[Path], AbstractContextManager[None]],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    handler = signal.getsignal(signal.SIGUSR2)
    succession = Succession("127.0.0.1", 0)
    over = asyncio.create_task(succession.over())
    await asyncio.sleep(0)
    before = descriptors()
    for alarms in (1, 2):
        with missing(tmp_path):
            os.kill(os.getpid(), signal.SIGUSR2)
            await asyncio.sleep(0.2)
        assert caplog.text.count("ALARM the successor doesn't start") == alarms
        assert not over.done()
    assert descriptors() == before
    over.cancel()
    succession.listening.close()
    asyncio.get_running_loop().remove_signal_handler(signal.SIGUSR2)
    signal.signal(signal.SIGUSR2, handler)
