"""SQLite carries one cell; a replacement may overlap with it for a short time."""

import asyncio
import sys
from pathlib import Path

import pytest

from intercup.commands import only_cell
from intercup.commands.only_cell import hold_only_cell
from intercup.db.engine import Database
from intercup.errors import ConfigurationError
from tests.faults.processes import Place
from tests.support.paths import ROOT

IMPATIENT = """
from intercup.commands import main, only_cell
only_cell.OVERLAP = 0.1
main.main()
"""


async def test_a_second_cell_on_sqlite_stops_and_says_why(
    database: Database, tmp_path: Path
) -> None:
    first = asyncio.create_task(hold_only_cell(tmp_path / "intercup.db"))
    second = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", IMPATIENT, "web"),
        cwd=ROOT,
        env=Place(tmp_path, 1).environment,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await second.communicate()
    assert second.returncode == 2
    assert "SQLite regge una sola cella" in said.decode()
    first.cancel()


async def test_a_replacement_takes_over_when_the_cell_before_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(only_cell, "POLL", 0.02)
    file = tmp_path / "intercup.db"
    first, second = (asyncio.create_task(hold_only_cell(file)) for _ in range(2))
    await asyncio.sleep(0.1)
    first.cancel()
    await asyncio.sleep(0.1)
    monkeypatch.setattr(only_cell, "OVERLAP", 0.0)
    with pytest.raises(ConfigurationError, match="PostgreSQL"):
        await hold_only_cell(file)
    assert not second.done()
    second.cancel()
