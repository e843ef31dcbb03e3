"""A successor that can't start: the process before serves on."""

import asyncio
import os
import shutil
import signal
from pathlib import Path

import aiohttp
import pytest

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
