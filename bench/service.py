"""The whole service, started by `intercup run`, and citizens who fill in the chat's form."""

import asyncio
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.measure import Latency, cpu_seconds, memory, throughput, timed
from intercup.texts import TEXTS
from tests.support.chatting_citizen import ChattingCitizen
from tests.support.paths import ROOT
from tests.support.running_service import STOP_LIMIT, RunningService, start_service

BOT = ROOT / "bot"
BOT_PYTHON = ROOT / ".venv-bot" / "bin" / "python"
CITIZEN = "Agata Lo Presti"
CATEGORY = "Problemi tecnici rilevati durante la prenotazione sulla struttura sanitaria"
STRUCTURE = "ASP Trapani"
DESCRIPTION = "La pagina resta bianca dopo che ho inserito il numero della ricetta."
REQUESTS = 30
TURNS_OF_REQUEST = 7  # including the one that asks for assistance
TRAINING_LIMIT = 600.0  # seconds
CLIENTS = 8
LOAD_SECONDS = 15.0
PARTS = ("rasa", "web", "worker", "actions")
NEW_SENTENCES = 40  # those that a second training learns, of about 26,000 in its file


@dataclass(frozen=True)
class ServiceFigures:
    """Costs of the service: seconds, milliseconds, megabytes, CPU milliseconds a form turn.

    `per_second` counts form turns, `requests_per_second` whole requests with all their mails;
    `training_again` is a training that knows most sentences from the one before.
    """

    start: float
    training: float
    training_again: float
    form: Latency
    send: Latency
    per_second: float
    requests_per_second: float
    memory: dict[str, float]
    cpu: dict[str, float]

    @property
    def rasa_memory(self) -> float:
        """The Rasa process."""
        return self.memory["rasa"]

    @property
    def other_memory(self) -> float:
        """Everything but Rasa, without the supervisor and the demo's process, which only we run."""
        return round(sum(self.memory[part] for part in PARTS if part != "rasa"), 1)


@asynccontextmanager
async def running() -> AsyncIterator[tuple[RunningService, int]]:
    """Start the service on free ports with its data in a temporary folder, and stop it at the end.

    Yields the service, once it is healthy, and its supervisor's process id.
    """
    with tempfile.TemporaryDirectory() as folder:
        service, process = start_service(Path(folder))
        try:
            await service.until_healthy()
            yield service, process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(process.wait, STOP_LIMIT)


async def measure_service() -> ServiceFigures:
    """Start the service, measure and stop it."""
    start = time.perf_counter()
    async with running() as (service, supervisor):
        seconds = round(time.perf_counter() - start, 1)
        return await _measure(service, supervisor, seconds)


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
        whole = [lambda each=each: _request(each, [], []) for each in citizens]
        turns_of_requests = await throughput(whole, LOAD_SECONDS)
        for citizen in citizens:
            await fill_in(citizen, [])
        before = {part: cpu_seconds(service.pid_of(part)) for part in PARTS}
        edits = [lambda each=each: edit(each) for each in citizens]
        per_second = await throughput(edits, LOAD_SECONDS)
        turns = per_second * LOAD_SECONDS
        cpu = {
            part: round((cpu_seconds(service.pid_of(part)) - before[part]) / turns * 1e3, 1)
            for part in PARTS
        }
        sizes = {part: memory(service.pid_of(part)) for part in (*PARTS, "demo")}
    sizes["supervisor"] = _own_memory(supervisor)
    return ServiceFigures(
        start,
        *await asyncio.to_thread(_training_seconds),
        Latency.of(form),
        Latency.of(send),
        per_second,
        round(turns_of_requests / TURNS_OF_REQUEST, 1),
        sizes,
        cpu,
    )


def _training_seconds() -> tuple[float, float]:
    """Train our model from scratch in a separate folder, then again with some sentences more.

    Returns the seconds of each.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name in ("config.yml", "domain.yml", "endpoints.yml", "credentials.yml"):
            shutil.copy(BOT / name, folder)
        shutil.copytree(BOT / "data", Path(folder) / "data")
        file = Path(folder) / "data/nlu.yml"
        whole = file.read_text("utf-8")
        lines = whole.splitlines(keepends=True)
        sentences = [number for number, line in enumerate(lines) if line.startswith("    - ")]
        new = set(sentences[:: len(sentences) // NEW_SENTENCES])
        file.write_text("".join(line for at, line in enumerate(lines) if at not in new), "utf-8")
        anew = _train(folder)
        file.write_text(whole, "utf-8")
        return anew, _train(folder)


def _train(project: str) -> float:
    start = time.perf_counter()
    subprocess.run(
        [
            *(str(ROOT / ".venv-bot/bin/python"), "-m", "engine.launcher"),
            "--project",
            project,
            "train",
        ],
        cwd=BOT,
        check=True,
        capture_output=True,
        timeout=TRAINING_LIMIT,
    )
    return round(time.perf_counter() - start, 1)


async def edit(citizen: ChattingCitizen, into: list[float] | None = None) -> int:
    """From the summary, choose the structure again and write the description again."""
    steps = (
        lambda: citizen.press(TEXTS("input.edit_structure")),
        lambda: citizen.press(STRUCTURE),
        lambda: citizen.press(TEXTS("input.edit_description")),
        lambda: citizen.say(DESCRIPTION),
    )
    for step in steps:
        await timed(step(), [] if into is None else into)
    return len(steps)


async def _request(citizen: ChattingCitizen, form: list[float], send: list[float]) -> int:
    """Make one request from the menu to the sending; return its turns."""
    await fill_in(citizen, form)
    await timed(citizen.press(TEXTS("input.send")), send)
    return TURNS_OF_REQUEST


async def fill_in(citizen: ChattingCitizen, form: list[float]) -> None:
    """Go from the menu to the summary."""
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


def _own_memory(pid: int) -> float:
    return round(psutil.Process(pid).memory_full_info().pss / 1e6, 1)
