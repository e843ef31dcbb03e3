"""`make bench ARGS=capacity`: requests on PostgreSQL, then turns at 60 % and at 3 times that rate.

The first figure is the capacity that the other two are shares of. Turns at a share of it begin at
random moments, whether those before have been answered or not. Another number of seconds at 60 %
stands after the word, as in `ARGS="capacity 30"`.
"""

import asyncio
import json
import random
import signal
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import aiohttp
from yarl import URL

from bench.measure import Latency, Machine
from bench.report import RESULTS, Target
from bench.service import CATEGORY, CLIENTS, DESCRIPTION, STRUCTURE
from intercup.db.engine import Database
from intercup.services.login.sessions import log_in
from intercup.texts import TEXTS
from tests.cells.test_cells import NO_LIMITS
from tests.faults.processes import until_delivered
from tests.support.chatting_citizen import ChattingCitizen
from tests.support.databases import migrate
from tests.support.made_requests import AGATA
from tests.support.postgres_server import postgres_server
from tests.support.running_service import STOP_LIMIT, start_service

GOAL = 18.0  # requests a second
STEADY_SHARE, STEADY_SECONDS, STEADY_P95 = 0.6, 600.0, 150.0  # milliseconds
OVERLOAD, OVERLOAD_SECONDS, REFUSED_WITHIN = 3.0, 30.0, 1_000.0  # milliseconds
START_WITHIN = 300.0  # seconds
CLOSED_SECONDS = 30.0  # of the eight citizens
CITIZENS = 400  # enough for one to be free at any moment, if each turn ends within a second
# All of them have this machine's address.
ROOM = NO_LIMITS | {
    f"INTERCUP_{name}": "1000000" for name in ("MESSAGES_PER_HOUR", "CONNECTIONS_PER_IP")
}
SILENCE = 15.0  # seconds, after which a turn has no answer
WISH = "vorrei inviare una richiesta di assistenza"
SEND = TEXTS("input.send")
# The turns of a whole request: words, or the title of a button.
STEPS = (WISH, CATEGORY, STRUCTURE, DESCRIPTION, TEXTS("input.accept"), TEXTS("input.accept"), SEND)
SPOKEN = (WISH, DESCRIPTION)


@dataclass
class Load:
    """The turns of a load: milliseconds until answer or refusal, and those without either."""

    answered: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    silent: int = 0
    failed: int = 0  # another status, or an answer that doesn't lead on
    requests: int = 0
    nobody_free: int = 0  # turns that no citizen was there to begin
    latest: float = 0.0  # ms that the citizens' own process once began a turn late

    def summary(self) -> dict[str, object]:
        """Return the figures that are kept."""
        found = Latency.of([each / 1e3 for each in self.answered]) if self.answered else None
        return {
            "answered": found and asdict(found),
            "refused": len(self.refused),
            "slowest_refusal_ms": round(max(self.refused, default=0.0)),
            "silent": self.silent,
            "failed": self.failed,
            "requests": self.requests,
            "nobody_free": self.nobody_free,
            "latest_beginning_ms": round(self.latest),
        }


class Pacer(ChattingCitizen):
    """A citizen who goes on from request to request.

    A refused step is taken again; after a failed one the request begins again.
    """

    step = 0

    async def take_a_turn(self, load: Load) -> None:
        """Take the next step, and note its outcome."""
        words = STEPS[self.step]
        began = time.perf_counter()
        try:
            step = {"text": words} if words in SPOKEN else {"payload": self.offers[words]}
            is_answered = await self._is_answered({"id": str(uuid4())} | step)
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError):
            load.silent += 1
            return
        except Exception:
            load.failed += 1
            self.step = 0
            return
        took = (time.perf_counter() - began) * 1e3
        (load.answered if is_answered else load.refused).append(took)
        if is_answered:
            load.requests += words == SEND
            self.step = (self.step + 1) % len(STEPS)

    async def _is_answered(self, body: dict[str, str]) -> bool:
        async with self._http.post(
            f"{self.url}/chat/messages",
            json=body,
            headers={"Origin": self.url},
            timeout=aiohttp.ClientTimeout(total=SILENCE),
        ) as response:
            if response.status in (429, 503):
                return False
            assert response.status == 200, response.status
            answer = await response.json()
            if answer.get("retry"):
                return False
            self.messages = answer["messages"]
            return True


async def closed(citizens: list[Pacer], seconds: float) -> tuple[Load, float]:
    """Let each citizen take turn after turn; return the requests sent a second, too."""
    load, began = Load(), time.perf_counter()

    async def go_on(citizen: Pacer) -> None:
        while time.perf_counter() < began + seconds:
            await citizen.take_a_turn(load)

    await asyncio.gather(*map(go_on, citizens))
    return load, round(load.requests / (time.perf_counter() - began), 1)


async def paced(citizens: list[Pacer], per_second: float, seconds: float) -> Load:
    """Begin turns at random moments, each by the citizen who has rested longest."""
    load, free, at_work = Load(), list(citizens), set[asyncio.Task[None]]()
    moments, moment = random.Random(1), time.perf_counter()  # noqa: S311
    until = moment + seconds

    async def turn(citizen: Pacer) -> None:
        try:
            await citizen.take_a_turn(load)
        finally:
            free.append(citizen)

    while moment < until:
        await asyncio.sleep(moment - time.perf_counter())
        load.latest = max(load.latest, (time.perf_counter() - moment) * 1e3)
        if free:
            task = asyncio.create_task(turn(free.pop(0)))
            at_work.add(task)
            task.add_done_callback(at_work.discard)
        else:
            load.nobody_free += 1
        moment += moments.expovariate(per_second)
    await asyncio.gather(*at_work)
    return load


async def _measured(steady_seconds: float) -> tuple[float, dict[str, Load]]:
    with tempfile.TemporaryDirectory() as folder, postgres_server() as address:
        url = f"postgresql+asyncpg://{address}/postgres"
        await migrate(url)
        service, process = start_service(Path(folder), INTERCUP_DATABASE_URL=url, **ROOM)
        database = Database(url)
        try:
            await service.until_healthy(START_WITHIN)
            async with AsyncExitStack() as stack:
                citizens = [
                    await stack.enter_async_context(await _logged_in(database, service.url, number))
                    for number in range(CITIZENS)
                ]
                return await _loads(citizens, database, steady_seconds)
        finally:
            await database.close()
            process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(process.wait, STOP_LIMIT)


async def _logged_in(database: Database, url: str, number: int) -> Pacer:
    who = replace(AGATA, person_key=f"person-{number}")
    citizen = Pacer(url)
    cookie = await log_in(database, None, who, time.time())
    citizen._http.cookie_jar.update_cookies({"intercup": cookie}, URL(url))
    await citizen.open("portal")
    return citizen


async def _loads(
    citizens: list[Pacer], database: Database, steady_seconds: float
) -> tuple[float, dict[str, Load]]:
    few = citizens[:CLIENTS]
    await closed(few, 3.0)  # warm
    at_capacity, per_second = await closed(few, CLOSED_SECONDS)
    await until_delivered(database)
    await _out_of_step(citizens)
    print(f"{per_second} requests/s; turns at {STEADY_SHARE:.0%} of it…", file=sys.stderr)
    turns = per_second * len(STEPS)
    steady = await paced(citizens, turns * STEADY_SHARE, steady_seconds)
    print(f"turns at {OVERLOAD:.0f} times it ({OVERLOAD_SECONDS:.0f} s)…", file=sys.stderr)
    overload = await paced(citizens, turns * OVERLOAD, OVERLOAD_SECONDS)
    await until_delivered(database)
    return per_second, {"capacity": at_capacity, "steady": steady, "overload": overload}


async def _out_of_step(citizens: list[Pacer]) -> None:
    """Bring the citizens to different steps: else all would send within the same few seconds."""
    load = Load()
    for number, citizen in enumerate(citizens):
        while citizen.step != number % len(STEPS):
            await citizen.take_a_turn(load)


def targets(per_second: float, loads: dict[str, Load]) -> list[Target]:
    """Compare the figures with the goals."""
    steady, overload = loads["steady"], loads["overload"]
    answered = [each / 1e3 for each in steady.answered]
    p95 = Latency.of(answered).p95 if answered else float("inf")
    lost = len(steady.refused) + steady.silent + steady.failed + steady.nobody_free
    slowest = max(overload.refused, default=0.0)
    unanswered = overload.silent + overload.failed + overload.nobody_free
    return [
        Target(f"whole requests, {CLIENTS} citizens", per_second, GOAL, False, "/s"),
        Target(f"turn at {STEADY_SHARE:.0%}, p95", p95, STEADY_P95, True, "ms"),
        Target(f"turns not answered at {STEADY_SHARE:.0%}", lost, 0, True, ""),
        Target(f"slowest refusal at {OVERLOAD:.0f} ×", slowest, REFUSED_WITHIN, True, "ms"),
        Target(f"turns without any answer at {OVERLOAD:.0f} ×", unanswered, 0, True, ""),
    ]


def main(steady_seconds: float = STEADY_SECONDS) -> int:
    """Measure, print and keep the figures; return 1 if a goal isn't met."""
    machine, when = Machine.here(), datetime.now(UTC)
    print(f"PostgreSQL, {CITIZENS} citizens ({steady_seconds / 60 + 3:.0f} min)…", file=sys.stderr)
    per_second, loads = asyncio.run(_measured(steady_seconds))
    found = targets(per_second, loads)
    kept = {
        "when": when.isoformat(timespec="seconds"),
        "machine": machine.as_dict(),
        "steady_seconds": steady_seconds,
        "requests_per_second": per_second,
        "loads": {name: load.summary() for name, load in loads.items()},
        "targets": [asdict(target) | {"met": target.met} for target in found],
    }
    (RESULTS / f"capacity-{when:%Y-%m-%d}.json").write_text(json.dumps(kept, indent=2) + "\n")
    print(f"{machine.as_text()} Clients on the same machine.\n")
    print("| figure | value | target | met |\n|---|---|---|---|")
    print("\n".join(target.row() for target in found))
    for name, load in loads.items():
        print(f"\n{name}: {load.summary()}")
    return 0 if all(target.met for target in found) else 1
