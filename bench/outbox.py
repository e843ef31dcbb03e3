"""The worker's deliveries against a bare aiosmtplib loop, both to the same mail catcher."""

import asyncio
import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import aiosmtplib
import psutil
import uvloop
from sqlalchemy import func, select

from bench.measure import MEGABYTE, Machine
from bench.report import RESULTS
from intercup.db.engine import Database
from intercup.db.tables import Delivery
from intercup.mail.smtp_address import SmtpAddress
from intercup.services.delivery.deliver import deliver_due
from intercup.services.structures.structures_file import load_directory
from tests.support.made_requests import make_conversation, submission, submit
from tests.support.smtp_servers import running_catcher

MAILS = 1_000
STEP = MAILS // 4  # mails between two measurements of rate and memory
START_LIMIT = 20.0  # seconds
RATIO = 0.6  # lowest share of the bare loop's speed
EVENNESS = 0.8  # lowest share of the first quarter's rate in the last one


@dataclass(frozen=True)
class OutboxFigures:
    """Mails per second in each quarter; other load on the machine slows both ways alike."""

    bare: list[float]
    worker: list[float]
    memory: list[float]  # megabytes after each quarter

    @property
    def ratio(self) -> float:
        """The worker's speed as a share of the bare loop's."""
        return round(sum(1 / r for r in self.bare) / sum(1 / r for r in self.worker), 2)

    @property
    def evenness(self) -> float:
        """The last quarter's relative speed divided by the first's."""
        return round(self.worker[-1] / self.bare[-1] / (self.worker[0] / self.bare[0]), 2)


async def measure_outbox() -> OutboxFigures:
    """Send 1,000 mails each way, alternating in quarters."""
    figures, process = OutboxFigures([], [], []), psutil.Process()
    with tempfile.TemporaryDirectory() as folder, _catcher() as port:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'intercup.db'}")
        await database.migrate()
        raw = await _queue(database)
        await _bare_loop(port, raw, 50)
        for _ in range(MAILS // STEP):
            figures.bare.append(await _bare_loop(port, raw, STEP))
            figures.worker.append(await _drain(database, port, STEP))
            figures.memory.append(process.memory_info().rss / MEGABYTE)
        await _check_all_sent(database)
        await database.close()
    return figures


async def _queue(database: Database) -> bytes:
    """Fill the outbox with the mails of chat requests, each to an office and a copy."""
    directory = load_directory(Path("config/structures.yaml"))
    for _ in range(MAILS // 2):
        chat = await make_conversation(database)
        await submit(database, directory, submission(conversation_id=chat))
    async with database.read() as session:
        raw = await session.scalar(select(Delivery.raw).limit(1))
    return raw or b""


async def _bare_loop(port: int, raw: bytes, mails: int) -> float:
    start = time.perf_counter()
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
        for _ in range(mails):
            await client.sendmail("assistenza@example.it", ["cup@example.it"], raw)
    return round(mails / (time.perf_counter() - start), 1)


async def _drain(database: Database, port: int, mails: int) -> float:
    relay, sent = SmtpAddress.parse(f"smtp://127.0.0.1:{port}"), 0
    start = time.perf_counter()
    while sent < mails:
        sent += await deliver_due(database, relay, "bench", lambda: time.time() + 60)
    return round(sent / (time.perf_counter() - start), 1)


async def _check_all_sent(database: Database) -> None:
    async with database.read() as session:
        assert await session.scalar(select(func.count()).where(Delivery.state == "sent")) == MAILS


@contextmanager
def _catcher() -> Iterator[int]:
    """Run a mail catcher in a process of its own; yield its port."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(there,))
    process.start()
    try:
        assert here.poll(START_LIMIT), "the catcher doesn't start"
        yield here.recv()
    finally:
        process.terminate()
        process.join()


def _serve(there: Connection) -> None:
    async def serve() -> None:
        async with running_catcher() as catcher:
            there.send(catcher.port)
            while True:
                await asyncio.sleep(1)
                catcher.mails.clear()
                catcher.tried.clear()

    asyncio.run(serve())


def write(machine: Machine) -> str:
    """Measure, store the figures under today's date, and return them as a table."""
    figures = uvloop.run(measure_outbox())
    when = datetime.now(UTC)
    rows = zip(figures.bare, figures.worker, figures.memory, strict=True)
    table = "\n".join(
        [
            f"# Outbox on {when:%Y-%m-%d %H:%M} UTC",
            "",
            f"{machine.as_text()} {MAILS} mails, the relay in a process of its own.",
            "",
            "| quarter | bare aiosmtplib loop (mails/s) | worker (mails/s) | memory (MB) |",
            "|---|---|---|---|",
            *(f"| {n} | {b:.0f} | {w:.0f} | {m:.0f} |" for n, (b, w, m) in enumerate(rows, 1)),
            "",
            f"Worker / bare loop: {figures.ratio} (target ≥ {RATIO}); last quarter / first: "
            f"{figures.evenness} (target ≥ {EVENNESS}).",
            "",
        ]
    )
    (RESULTS / f"outbox-{when:%Y-%m-%d}.md").write_text(table, "utf-8")
    return table
