"""The whole service: `intercup run` on free ports, once for a group of tests that need it."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import aiohttp
import pytest

from tests.support.paths import ROOT
from tests.support.ports import free_port
from tests.support.trace_collector import Collector, trace_collector

START_LIMIT = 90.0  # seconds
STOP_LIMIT = 40.0  # seconds


@dataclass(frozen=True)
class RunningService:
    """The service's address and its data folder."""

    url: str
    data_dir: Path
    environment: dict[str, str]

    @property
    def database_url(self) -> str:
        """The database, SQLite's in the data folder unless the environment names another."""
        own = f"sqlite+aiosqlite:///{self.data_dir / 'intercup.db'}"
        return self.environment.get("INTERCUP_DATABASE_URL", own)

    def log(self, part: str) -> str:
        """Return what a part has logged."""
        return (self.data_dir / "log" / f"{part}.log").read_text("utf-8", "replace")

    def pid_of(self, part: str) -> int:
        """Return the process id of a part, found by the data folder, or Rasa's port.

        Of several Rasas the oldest serves: another one is ready for a way back.
        """
        words = f"intercup.commands.main\0{part}"
        mark = f"INTERCUP_DATA_DIR={self.data_dir}".encode()
        if part.startswith("rasa"):
            words, mark = f"\0run\0--port\0{self.port_of_rasa(part)}\0--listen", b""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_bytes()
                if words.encode() in command and mark in (process / "environ").read_bytes():
                    started = int((process / "stat").read_text().rpartition(")")[2].split()[19])
                    found.append((started, int(process.name)))
            except OSError:
                continue  # The process has just ended, or isn't ours.
        if not found:
            raise LookupError(f"{part} doesn't run")
        return min(found)[1]

    def port_of_rasa(self, part: str) -> int:
        """Return the port of `rasa`, `rasa-2` and so on."""
        first = int(self.environment["INTERCUP_RASA_URL"].rpartition(":")[2])
        return first + int(part.partition("-")[2] or 1) - 1

    def environment_of(self, part: str) -> dict[str, str]:
        """Return the environment variables of a part's start."""
        entries = Path(f"/proc/{self.pid_of(part)}/environ").read_bytes().decode().split("\0")
        return dict(entry.split("=", 1) for entry in entries if entry)

    async def until_healthy(self, limit: float = START_LIMIT, assistant: bool = True) -> None:
        """Wait until pages and database work, and the assistant does or doesn't."""
        deadline = time.monotonic() + limit
        async with aiohttp.ClientSession() as http:
            while time.monotonic() < deadline:
                try:
                    async with http.get(f"{self.url}/health") as response:
                        health = await response.json()
                        if response.status == 200 and health["assistant"] is assistant:
                            return
                except (aiohttp.ClientError, OSError):
                    pass
                await asyncio.sleep(0.2)
        raise TimeoutError(f"not healthy after {limit:.0f} s")


@contextmanager
def hanging(service: RunningService, part: str) -> Iterator[None]:
    """Freeze a part for a while, as a turn without an end would."""
    pid = service.pid_of(part)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):  # Killed for want of signs of life.
            os.kill(pid, signal.SIGCONT)


def start_service(
    data_dir: Path, place: Path = ROOT, rasas: int = 1, **more: str
) -> tuple[RunningService, subprocess.Popen[bytes]]:
    """Start the demo profile in a place on free ports, with its data in the folder."""
    web, actions, idp, smtp = (free_port() for _ in range(4))
    rasa = free_port(rasas)
    environment = {
        "INTERCUP_PROFILE": "demo",
        "INTERCUP_DATA_DIR": str(data_dir),
        "INTERCUP_HTTP_PORT": str(web),
        "INTERCUP_RASA_URL": f"http://127.0.0.1:{rasa}",
        "INTERCUP_RASA_PROCESSES": str(rasas),
        "INTERCUP_ACTIONS_URL": f"http://127.0.0.1:{actions}",
        "INTERCUP_DEMO_IDP_PORT": str(idp),
        "INTERCUP_DEMO_SMTP_PORT": str(smtp),
    } | more
    # The permissions of earlier versions.
    data_dir.chmod(0o755)
    output = (data_dir / "run.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "intercup.commands.main", "run"],
        cwd=place,
        env=os.environ | environment | {"NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
    )
    output.close()
    port = environment["INTERCUP_HTTP_PORT"]
    return RunningService(f"http://127.0.0.1:{port}", data_dir, environment), process


# The services that go on after their module; beside other tests each takes 2 % of a core.
_shared = ExitStack()


@cache
def _shared_service(folder: Path, **more: str) -> RunningService:
    return _shared.enter_context(contextmanager(run_service)(Path(mkdtemp(dir=folder)), **more))


def end_shared_services() -> None:
    """Stop them; the next test that asks for one starts another."""
    _shared_service.cache_clear()
    _shared.close()


@pytest.fixture(scope="module")
def service(memory_disk: Path) -> RunningService:
    """The running service, shared by all tests of a group, which don't change it."""
    return _shared_service(memory_disk, INTERCUP_DESK_SHOWS_TEXTS="true")


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """The collector of the traces of `mortal`."""
    with trace_collector() as running:
        yield running


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> RunningService:
    """The service whose parts are killed, stopped or changed; see `mortal_service`.

    It logs and traces for machines.
    """
    traced = {"INTERCUP_LOG_FORMAT": "json", "INTERCUP_OTLP_ENDPOINT": collector.endpoint}
    return _shared_service(tmp_path_factory.getbasetemp(), **traced)


@pytest.fixture
def mortal_service(mortal: RunningService) -> RunningService:
    """A running service that a test may do anything to, after what another one did to it."""
    asyncio.run(mortal.until_healthy())
    return mortal


def run_service(
    data_dir: Path, place: Path = ROOT, rasas: int = 1, **more: str
) -> Iterator[RunningService]:
    """Start the service, yield it, stop it; needs a trained model (`make train`)."""
    running, process = start_service(data_dir, place, rasas, **more)
    try:
        asyncio.run(running.until_healthy())
    except TimeoutError:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_LIMIT)
        pytest.fail((running.data_dir / "run.log").read_text("utf-8", "replace"))
    yield running
    process.send_signal(signal.SIGTERM)
    assert process.wait(STOP_LIMIT) == 0
