"""The yardstick: the project of `rasa init`, with DIET and TED as shipped."""

import shutil
import socket
import time
from dataclasses import dataclass
from uuid import uuid4

import aiohttp

from bench.measure import Latency, memory, process, throughput, timed, until_answers
from tests.support.paths import ROOT

RASA = str(ROOT / ".venv-bot" / "bin" / "python")
FOLDER = ROOT / "var" / "bench" / "starter"
TRAINING_SECONDS = "training-seconds"
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "LOG_LEVEL": "WARNING"}
TALK = ("hi", "I feel great", "are you a bot?", "bye")
TURNS = 200
CLIENTS = 8
LOAD_SECONDS = 10.0
START_LIMIT = 120.0  # seconds
TRAINING_LIMIT = 400.0  # seconds


@dataclass(frozen=True)
class StarterFigures:
    """Seconds, milliseconds, turns per second and megabytes of the starter."""

    training: float
    start: float
    plain: Latency
    per_second: float
    memory: float


def train_starter() -> float:
    """Create and train the project, which later runs reuse; return the seconds of training."""
    note = FOLDER / TRAINING_SECONDS
    if note.exists():
        return float(note.read_text())
    shutil.rmtree(FOLDER, ignore_errors=True)
    library = ROOT / ".venv-bot" / "lib" / "python3.10" / "site-packages"
    # A copy of the folder used by `rasa init`, as the command itself is interactive.
    shutil.copytree(library / "rasa" / "cli" / "initial_project", FOLDER)
    start = time.perf_counter()
    command = [RASA, "-m", "rasa", "train", "--fixed-model-name", "starter"]
    with process(command, FOLDER, FOLDER / "train.log", QUIET) as training:
        if training.wait(TRAINING_LIMIT):
            raise RuntimeError((FOLDER / "train.log").read_text())
    note.write_text(f"{time.perf_counter() - start:.1f}")
    return float(note.read_text())


async def measure_starter() -> StarterFigures:
    """Train if need be, start, talk, load, weigh and stop."""
    training = train_starter()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [RASA, "-m", "rasa", "run", "-i", "127.0.0.1", "--port", str(port)]
    with process(command, FOLDER, FOLDER / "run.log", QUIET) as server:
        start = await until_answers(f"http://127.0.0.1:{port}/", START_LIMIT)
        async with aiohttp.ClientSession() as http:

            async def talk(times: list[float]) -> int:
                sender = uuid4().hex
                for text in TALK:
                    await timed(_say(http, port, sender, text), times)
                return len(TALK)

            await talk([])
            times: list[float] = []
            while len(times) < TURNS:
                await talk(times)
            per_second = await throughput([lambda: talk([])] * CLIENTS, LOAD_SECONDS)
        used = memory(server.pid)
    return StarterFigures(training, start, Latency.of(times), per_second, used)


async def _say(http: aiohttp.ClientSession, port: int, sender: str, text: str) -> None:
    url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"
    async with http.post(url, json={"sender": sender, "message": text}) as response:
        assert response.status == 200
        assert await response.json(), text
