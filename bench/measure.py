"""Measurement of times, memory and processes."""

import asyncio
import os
import platform
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import aiohttp
import psutil

STOP_LIMIT = 20.0  # seconds
MEGABYTE = 1e6


@dataclass(frozen=True)
class Latency:
    """Milliseconds of many turns, one after the other."""

    p50: float
    p95: float
    turns: int

    @classmethod
    def of(cls, seconds: list[float]) -> "Latency":
        """Summarise the durations."""
        ordered = sorted(seconds)
        at = [ordered[int(len(ordered) * share)] * 1e3 for share in (0.5, 0.95)]
        return cls(round(at[0], 1), round(at[1], 1), len(ordered))


async def timed[T](work: Awaitable[T], into: list[float]) -> T:
    """Await the work and append its duration."""
    start = time.perf_counter()
    result = await work
    into.append(time.perf_counter() - start)
    return result


async def throughput(clients: list[Callable[[], Awaitable[int]]], seconds: float) -> float:
    """Run the clients concurrently, round after round, and return their turns per second."""
    deadline = time.perf_counter() + seconds

    async def rounds(client: Callable[[], Awaitable[int]]) -> int:
        turns = 0
        while time.perf_counter() < deadline:
            turns += await client()
        return turns

    start = time.perf_counter()
    turns = sum(await asyncio.gather(*(rounds(client) for client in clients)))
    return round(turns / (time.perf_counter() - start), 1)


def memory(pid: int) -> float:
    """Return the megabytes of a process and its children, shared pages counted once."""
    process = psutil.Process(pid)
    size = process.memory_full_info().pss
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # It has just ended.
            size += child.memory_full_info().pss
    return round(size / MEGABYTE, 1)


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process and its children, ended ones included."""
    used = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    times = [each.cpu_times() for each in used]
    return sum(
        each.user + each.system + each.children_user + each.children_system for each in times
    )


@contextmanager
def process(
    command: list[str], cwd: Path, log: Path, env: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program in its own process group, and terminate the whole group at the end."""
    with log.open("wb") as output:
        started = subprocess.Popen(
            command,
            cwd=cwd,
            env=os.environ | (env or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(STOP_LIMIT)
        finally:
            if psutil.pid_exists(started.pid) or started.returncode is None:
                os.killpg(started.pid, signal.SIGKILL)


async def until_answers(url: str, limit: float) -> float:
    """Wait until the address answers 200, and return the seconds waited."""
    start = time.perf_counter()
    async with aiohttp.ClientSession() as http:
        while time.perf_counter() - start < limit:
            try:
                async with http.get(url) as response:
                    if response.status == 200:
                        return round(time.perf_counter() - start, 1)
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)
    raise TimeoutError(f"{url} doesn't answer after {limit:.0f} s")


@dataclass(frozen=True)
class Machine:
    """The machine behind the figures."""

    cpu: str
    cores: int
    ram_gb: float
    kernel: str
    python: str
    load_before: float

    @classmethod
    def here(cls) -> "Machine":
        """Describe this machine."""
        names = [
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ]
        return cls(
            cpu=names[0] if names else platform.machine(),
            cores=os.cpu_count() or 1,
            ram_gb=round(psutil.virtual_memory().total / 1e9, 1),
            kernel=platform.release(),
            python=platform.python_version(),
            load_before=round(os.getloadavg()[0], 2),
        )

    def as_text(self) -> str:
        """Return it as a sentence."""
        return (
            f"{self.cpu}, {self.cores} cores, {self.ram_gb} GB RAM, Linux {self.kernel}, "
            f"Python {self.python}; load before: {self.load_before}."
        )

    def as_dict(self) -> dict[str, object]:
        """Return it as plain data."""
        return asdict(self)
