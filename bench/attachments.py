"""`make bench ARGS=attachments`: turns of a citizen alone, beside requests, beside files.

The three take turns, so that a busier machine is busier for all: the ratios count.
"""

import asyncio
import statistics
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image

from bench.measure import Latency, Machine, cpu_seconds, memory
from bench.service import CITIZEN, edit, fill_in, running
from intercup.texts import TEXTS
from tests.support.chatting_citizen import ChattingCitizen
from tests.support.hostile_files import PDF
from tests.support.running_service import RunningService

ROUNDS = 4  # of each way
EDITS = 15  # in a round, of 4 turns
OTHERS = 2  # citizens who send requests meanwhile
PHOTO = (4000, 3000)  # pixels, as of a phone
SCREEN = (1080, 2340)

type Others = Callable[[ChattingCitizen], Awaitable[None]]


@dataclass
class Way:
    """Work of the others, and the one citizen's turns beside it."""

    name: str
    others: Others | None
    turns: list[float] = field(default_factory=list)  # seconds
    sent: int = 0  # the others' requests
    web: list[float] = field(default_factory=list)  # megabytes at the end of each round
    peak: float = 0.0  # megabytes
    cpu: float = 0.0  # seconds of the web with the processes that write files anew


def write(machine: Machine) -> str:
    """Measure, and return the machine and a table."""
    print("A citizen alone, beside requests, beside requests with files (3 min)…", file=sys.stderr)
    before, ways = asyncio.run(_measured())
    alone = Latency.of(ways[0].turns)
    lines = [
        f"{machine.as_text()} Web before: {before:.0f} MB (PSS, with the processes of its files).",
        "",
        f"| beside, {OTHERS} others | requests | turns | p50 ms | p95 ms | p50 / alone "
        "| p95 / alone | web MB after (peak) | web CPU s a request |",
        "|" + " --- |" * 9,
    ]
    for way in ways:
        found = Latency.of(way.turns)
        cost = f"{way.cpu / way.sent:.2f}" if way.sent else ""
        lines.append(
            f"| {way.name} | {way.sent} | {found.turns} | {found.p50} | {found.p95}"
            f" | {found.p50 / alone.p50:.2f} | {found.p95 / alone.p95:.2f}"
            f" | {statistics.median(way.web):.0f} ({way.peak:.0f}) | {cost} |"
        )
    return "\n".join(lines)


async def _measured() -> tuple[float, list[Way]]:
    async with running() as (service, _):
        return await _figures(service)


async def _figures(service: RunningService) -> tuple[float, list[Way]]:
    files = await asyncio.to_thread(_files)

    async def with_files(citizen: ChattingCitizen) -> None:
        await _send(citizen, files)

    async def without(citizen: ChattingCitizen) -> None:
        await _send(citizen, ())

    ways = [Way("nothing", None), Way("requests", without), Way("with 3 files each", with_files)]
    async with AsyncExitStack() as stack:
        one, *others = [
            await stack.enter_async_context(ChattingCitizen(service.url)) for _ in range(OTHERS + 1)
        ]
        for citizen in (one, *others):
            await citizen.log_in(CITIZEN)
            await citizen.open("portal")
        await fill_in(one, [])
        web = service.pid_of("web")
        await edit(one)
        before = memory(web)
        for _ in range(ROUNDS):
            for way in ways:
                await _round(way, one, others, web)
    return before, ways


async def _round(way: Way, one: ChattingCitizen, others: list[ChattingCitizen], web: int) -> None:
    """Measure the one citizen's turns while the others are at work, and wait for their last."""
    began = cpu_seconds(web)
    async with _at_work(way, others, web):
        for _ in range(EDITS):
            await edit(one, way.turns)
    way.web.append(memory(web))
    way.cpu += cpu_seconds(web) - began if way.others else 0.0


@asynccontextmanager
async def _at_work(way: Way, citizens: list[ChattingCitizen], web: int) -> AsyncIterator[None]:
    done = asyncio.Event()

    async def repeat(citizen: ChattingCitizen) -> None:
        while way.others and not done.is_set():
            await way.others(citizen)
            way.sent += 1

    async def watch() -> None:
        while not done.is_set():
            way.peak = max(way.peak, await asyncio.to_thread(memory, web))
            await asyncio.sleep(0.5)

    async with asyncio.TaskGroup() as tasks:
        for citizen in citizens:
            tasks.create_task(repeat(citizen))
        tasks.create_task(watch())
        try:
            yield
        finally:
            done.set()


async def _send(citizen: ChattingCitizen, files: tuple[bytes, ...]) -> None:
    """Make a request with files, from the menu to the sending."""
    await fill_in(citizen, [])
    draft = citizen.input["files"]["draft"]
    for number, content in enumerate(files, 1):
        await citizen.upload(draft, f"file {number}", content)
    await citizen.press(TEXTS("input.send"))


def _files() -> tuple[bytes, ...]:
    """A photo of 12 megapixels, a picture of a phone's screen, a document."""
    return (_picture("JPEG", PHOTO, 80), _picture("PNG", SCREEN, 8), PDF)


def _picture(format_: str, size: tuple[int, int], grain: int) -> bytes:
    """Return a picture with some detail; more grain makes a bigger file."""
    noise = Image.effect_noise((size[0] // 8, size[1] // 8), grain).resize(size)
    output = BytesIO()
    Image.merge("RGB", (noise, noise.rotate(180), noise)).save(output, format_)
    return output.getvalue()
