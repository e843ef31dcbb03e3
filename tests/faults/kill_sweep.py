"""Kill a process at its Nth system call of a kind, again and again, and see what is left."""

import asyncio
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from intercup.db.engine import Database
from tests.faults.figures import Tally
from tests.faults.processes import (
    PATIENCE,
    Citizen,
    Place,
    end,
    end_leases,
    lost,
    until_delivered,
    without_files,
)
from tests.support.smtp_servers import MailCatcher

REQUESTS_MAX = 70  # in one run; enough for the 60th call of every kind
WORK_LIMIT = 6.0  # seconds for the worker to come to its Nth call


@contextmanager
def killed_at(process: subprocess.Popen[bytes], call: str, nth: int) -> Iterator[None]:
    """Have a running process killed by SIGKILL at its nth call from now on, in any thread."""
    words = ["-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}"]
    words += ["-e", f"inject={call}:signal=SIGKILL:when={nth}", "-p", str(process.pid)]
    tracer = subprocess.Popen(["strace", *words])
    try:
        deadline = time.monotonic() + PATIENCE
        while not is_traced(process.pid):
            assert time.monotonic() < deadline, "strace doesn't attach"
            assert tracer.poll() is None, "strace may not attach here"
            time.sleep(0.01)
        yield
    finally:
        tracer.terminate()
        tracer.wait(PATIENCE)


def is_traced(pid: int) -> bool:
    """Return True if every thread is under a tracer."""
    tasks = list(Path(f"/proc/{pid}/task").glob("*/status"))
    return all("TracerPid:\t0\n" not in task.read_text() for task in tasks)


async def sweep_web(
    place: Place,
    database: Database,
    call: str,
    counts: Iterable[int],
    *module: str,
    files: tuple[bytes, ...] = (),
) -> Tally:
    """Kill the web at each of the counts while requests come in; nothing seen may be lost.

    With files, a request without all of them is lost too, seen or not.
    """
    tally = Tally()
    citizen = await Citizen.of(place, database, files)
    for nth in counts:
        web = await place.start_web(*module)
        try:
            with killed_at(web, call, nth):
                await citizen.send_until(asyncio.Event(), REQUESTS_MAX, 1 if files else 3)
                tally.faults += await _died(web)
        finally:
            end(web)
        tally.runs += 1
    tally.seen = len(citizen.seen)
    tally.lost = len(await lost(database, citizen.seen))
    if files:
        tally.lost += len(await without_files(database, len(files)))
    return tally


async def sweep_worker(
    place: Place, database: Database, catcher: MailCatcher, call: str, counts: Iterable[int]
) -> Tally:
    """Kill the worker at each of the counts while it sends; then let another send all."""
    tally = Tally()
    citizen = await Citizen.of(place, database)
    web = await place.start_web()
    try:
        for nth in counts:
            worker = place.start_worker()
            await _until_it_works(database, citizen, worker)
            with killed_at(worker, call, nth):
                await citizen.send_until(asyncio.Event(), REQUESTS_MAX // 2)
                with suppress(TimeoutError):
                    async with asyncio.timeout(WORK_LIMIT):
                        while worker.poll() is None:
                            if not await _waits(database):
                                break
                            await asyncio.sleep(0.02)
                tally.faults += await _died(worker)
            end(worker)
            tally.runs += 1
            await end_leases(database)
        worker = place.start_worker()
        await until_delivered(database)
        end(worker)
    finally:
        end(web)
    found = await tally_of(database, catcher, citizen.seen)
    return replace(found, runs=tally.runs, faults=tally.faults)


async def tally_of(database: Database, catcher: MailCatcher, numbers: Sequence[str]) -> Tally:
    """Compare the numbers shown with what is stored and what the relay took."""
    missing = len(await lost(database, numbers)) + _unsent(numbers, catcher)
    return Tally(seen=len(numbers), lost=missing, duplicated=duplicates(catcher))


async def _until_it_works(
    database: Database, citizen: Citizen, worker: subprocess.Popen[bytes]
) -> None:
    await citizen.send_until(asyncio.Event(), 1, at_once=1)
    try:
        await until_delivered(database)
    except AssertionError:
        end(worker)
        raise


async def _waits(database: Database) -> bool:
    try:
        await until_delivered(database, 0.001)
    except AssertionError:
        return True
    return False


async def _died(process: subprocess.Popen[bytes]) -> bool:
    """Return True if a process has died or is dying."""
    with suppress(subprocess.TimeoutExpired):
        await asyncio.to_thread(process.wait, 0.3)
    return process.returncode is not None


def _unsent(numbers: Iterable[str], catcher: MailCatcher) -> int:
    taken = b"".join(mail.raw for mail in catcher.mails).lower()
    return sum(taken.count(f"<{number.lower()}@".encode()) < 2 for number in numbers)


def duplicates(catcher: MailCatcher) -> int:
    """Count the mails that came to the same recipient more than once."""
    found = [(mail.rcpt[0], mail.message["Message-ID"]) for mail in catcher.mails]
    return len(found) - len(set(found))
