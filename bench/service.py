"""The whole service as `intercup run` starts it, and citizens who fill in the chat's form."""

import asyncio
import signal
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.measure import Latency, memory, throughput, timed
from intercup.texts import TEXTS
from tests.chatting_citizen import ChattingCitizen
from tests.running_service import STOP_LIMIT, RunningService, start_service

CITIZEN = "Agata Lo Presti"
CATEGORY = "Problemi tecnici rilevati durante la prenotazione sulla struttura sanitaria"
STRUCTURE = "ASP Trapani"
DESCRIPTION = "La pagina resta bianca dopo che ho inserito il numero della ricetta."
REQUESTS = 30
CLIENTS = 8
LOAD_SECONDS = 15.0
PARTS = ("rasa", "web", "worker", "actions")


@dataclass(frozen=True)
class ServiceFigures:
    """Seconds, milliseconds, turns per second, megabytes and CPU ms a turn of the service."""

    start: float
    form: Latency
    send: Latency
    per_second: float
    memory: dict[str, float]
    cpu: dict[str, float]

    @property
    def rasa_memory(self) -> float:
        """The Rasa process."""
        return self.memory["rasa"]

    @property
    def other_memory(self) -> float:
        """What else a real installation runs: the demo's processes don't count."""
        return round(sum(size for name, size in self.memory.items() if name != "rasa"), 1)


async def measure_service() -> ServiceFigures:
    """Start the service on free ports with its data in a temporary folder, measure and stop it."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        service, process = start_service(Path(folder))
        try:
            await service.until_healthy()
            seconds = round(time.perf_counter() - start, 1)
            return await _measure(service, process.pid, seconds)
        finally:
            process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(process.wait, STOP_LIMIT)


async def _measure(service: RunningService, supervisor: int, start: float) -> ServiceFigures:
    async with AsyncExitStack() as stack:
        citizens = [
            await stack.enter_async_context(ChattingCitizen(service.url)) for _ in range(CLIENTS)
        ]
        for citizen in citizens:
            await citizen.log_in(CITIZEN)
            await citizen.open("portal")
        form: list[float] = []
        send: list[float] = []
        await _request(citizens[0], [], [])
        for _ in range(REQUESTS):
            await _request(citizens[0], form, send)
        clients = [lambda each=each: _request(each, [], []) for each in citizens]
        before = {part: _cpu_seconds(service.pid_of(part)) for part in PARTS}
        per_second = await throughput(clients, LOAD_SECONDS)
        turns = per_second * LOAD_SECONDS
        cpu = {
            part: round((_cpu_seconds(service.pid_of(part)) - before[part]) / turns * 1e3, 1)
            for part in PARTS
        }
        sizes = {part: memory(service.pid_of(part)) for part in PARTS}
    sizes["supervisor"] = _own_memory(supervisor)
    return ServiceFigures(start, Latency.of(form), Latency.of(send), per_second, sizes, cpu)


async def _request(citizen: ChattingCitizen, form: list[float], send: list[float]) -> int:
    """Make one request from the menu to the sending; return its turns."""
    if CATEGORY not in citizen.offers:
        await citizen.say("vorrei inviare una richiesta di assistenza")
    steps = (
        lambda: citizen.press(CATEGORY),
        lambda: citizen.press(STRUCTURE),
        lambda: citizen.say(DESCRIPTION),
        lambda: citizen.press(TEXTS("input.accept")),
        lambda: citizen.press(TEXTS("input.accept")),
    )
    for step in steps:
        await timed(step(), form)
    await timed(citizen.press(TEXTS("input.send")), send)
    return len(steps) + 1


def _cpu_seconds(pid: int) -> float:
    process = psutil.Process(pid)
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def _own_memory(pid: int) -> float:
    return round(psutil.Process(pid).memory_full_info().pss / 1e6, 1)
