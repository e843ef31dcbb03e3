"""`make bench ARGS=releases`: releases and returns while 8 citizens chat, with one cell and two.

They follow each other for at least 1,000 turns; two cells stand on PostgreSQL.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from bench.measure import MEGABYTE, Latency
from intercup.db.engine import Database
from intercup.services.models.store import published
from tests.support.releasing import SHIPPED, chatting, publish_now, put, until_turned
from tests.support.running_cells import running_cells
from tests.support.running_service import RunningService

CITIZENS = 8
PAUSE = 0.3  # seconds between two turns of a citizen
TURNS = 1_000
QUIET_TURNS = 400  # before the release
LOOKED = 45.0  # seconds in which a person sees that a way back is needed
RELEASED = "eeeeeeee"


@dataclass(frozen=True)
class Figures:
    """Turns before and during; seconds until all cells answer with the other model."""

    failed: int
    before: Latency
    during: Latency
    slowest: float  # seconds
    release: float  # the slowest, as for the way back
    way_back: float
    memory_before: float  # megabytes of all Rasa processes of a cell
    memory_peak: float


def write() -> str:
    """Measure one cell and two, and return a table."""
    lines = [
        "| cells | turns | failed | p95 before | p95 during | slowest | release | way back "
        "| memory of Rasa before / peak |",
        "|" + " --- |" * 9,
    ]
    for cells in (1, 2):
        print(f"{cells} cells: release and return under {CITIZENS} citizens…", file=sys.stderr)
        found = asyncio.run(_measured(cells))
        lines.append(
            f"| {cells} | {found.during.turns} | {found.failed} | {found.before.p95} ms"
            f" | {found.during.p95} ms | {found.slowest:.2f} s | {found.release:.1f} s"
            f" | {found.way_back:.1f} s | {found.memory_before:.0f} / {found.memory_peak:.0f} MB |"
        )
    return "\n".join(lines)


async def _measured(count: int) -> Figures:
    with running_cells(count) as cells:
        for cell in cells:
            await cell.until_healthy()
        database = Database(cells[0].database_url)
        try:
            return await _figures(cells, database)
        finally:
            await database.close()


async def _figures(cells: list[RunningService], database: Database) -> Figures:
    async with database.read() as reading:
        first = await published(reading, SHIPPED.base)
    assert first
    other = await put(database, RELEASED)
    memory = _rasa_memory(cells[0])
    peak = asyncio.create_task(_peak(cells[0]))
    async with chatting(cells, CITIZENS, PAUSE) as turns:
        await _until(lambda: len(turns) >= QUIET_TURNS)
        began = time.monotonic()
        releases, ways_back = [], []
        while sum(turn.at > began for turn in turns) < TURNS:
            await publish_now(database, other)
            releases.append(await _turned(cells, RELEASED))
            await asyncio.sleep(LOOKED)
            await publish_now(database, first.sha256)
            ways_back.append(await _turned(cells, first.name))
            await asyncio.sleep(LOOKED)
    during = [turn.seconds for turn in turns if turn.at > began]
    before = [turn.seconds for turn in turns if turn.at <= began]
    peak.cancel()
    return Figures(
        sum(not turn.worked for turn in turns),
        Latency.of(before),
        Latency.of(during),
        max(during),
        max(releases),
        max(ways_back),
        memory,
        _PEAKS[cells[0].url],
    )


async def _turned(cells: list[RunningService], name: str) -> float:
    return max(await asyncio.gather(*(until_turned(cell, name) for cell in cells)))


async def _until(reached: Callable[[], bool]) -> None:
    while not reached():  # noqa: ASYNC110 (a count of the citizens' tasks)
        await asyncio.sleep(0.1)


_PEAKS: dict[str, float] = {}


async def _peak(cell: RunningService) -> None:
    while True:
        _PEAKS[cell.url] = max(_PEAKS.get(cell.url, 0.0), _rasa_memory(cell))
        await asyncio.sleep(0.5)


def _rasa_memory(cell: RunningService) -> float:
    port = cell.port_of_rasa("rasa")
    following = next(
        process
        for process in psutil.process_iter(["cmdline"])
        if (process.info["cmdline"] or [])[-3:] == ["follow", "--port", str(port)]
    )
    family = [following, *following.children(recursive=True)]
    sizes = []
    for process in family:
        try:
            sizes.append(process.memory_full_info().pss)
        except psutil.NoSuchProcess:
            continue
    return sum(sizes) / MEGABYTE
