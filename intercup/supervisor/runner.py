"""The lifecycle of one part: start, readiness, watch, restart, end with all its children."""

import asyncio
import signal
import time
from asyncio import FIRST_COMPLETED, create_task
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Coroutine
from pathlib import Path

from intercup.supervisor import part_log
from intercup.supervisor.guard import signal_groups
from intercup.supervisor.guard_client import Guarded
from intercup.supervisor.part import Limits
from intercup.supervisor.probe import is_ready
from intercup.supervisor.screen import Screen
from intercup.supervisor.signs import Signs
from intercup.supervisor.state import Ended, Row, State

LINGER_POLLS = 40  # for a dead part's children, before SIGKILL
LINGER_POLL = 0.05  # seconds


class StartError(Exception):
    """A critical part can't be started."""


class Runner:
    """Keep one part alive until cancelled; cancelling ends it with SIGTERM, then SIGKILL."""

    def __init__(
        self,
        row: Row,
        screen: Screen,
        guard: Guarded,
        hurry: asyncio.Event,
        log_dir: Path,
        limits: Limits,
    ):
        self.settled = asyncio.Event()  # Ready, or given up and not critical.
        self._row = row
        self._part = row.part
        self._log = log_dir / f"{row.part.name}.log"
        self._screen = screen
        self._guard = guard
        self._hurry = hurry
        self._limits = limits

    async def run(self) -> None:
        """Keep the part alive; raise StartError if a critical one can't be started."""
        await asyncio.to_thread(part_log.rotate, self._log, self._limits.log_files)
        try:
            await self._live_again_and_again()
        except asyncio.CancelledError:
            self._screen.change(self._row, State.STOPPED)
            raise
        if self._part.critical:
            raise StartError(self._part.name)
        self.settled.set()

    async def _live_again_and_again(self) -> None:
        """Restart the part after each end, until it has failed too often at the start."""
        failures, held = 0, False
        while True:
            end = await self._live()
            stable = end.ready_seconds >= self._limits.stable
            held = held or stable
            failures = 1 if stable else failures + 1
            if not held and (end.hopeless or failures >= self._limits.start_attempts):
                self._screen.gave_up(self._row, end, failures)
                return
            delay = self._limits.restart_delay(failures)
            self._screen.restarting(self._row, end, delay)
            await asyncio.sleep(delay)

    async def _live(self) -> Ended:
        """Start the process, wait until it is ready, then for its end, and return that."""
        with Signs(self._part.watchdog_seconds) as signs:
            return await self._live_giving(signs)

    async def _live_giving(self, signs: Signs) -> Ended:
        self._screen.change(self._row, State.STARTING)
        log = part_log.PartLog(self._log, self._limits.log_size, self._limits.log_files)
        started = time.monotonic()
        try:
            process = await self._spawn(log.input, signs)
        except OSError as error:
            return Ended(self._log, error=error)
        finally:
            log.close_input()
        self._guard.watch(process.pid)
        self._row.group = process.pid
        hung = False
        try:
            ready_at = await self._until_ready(process, started)
            in_time = ready_at is not None or process.returncode is not None
            if in_time:
                hung = await self._hangs(process, signs)
            ended = time.monotonic()
        finally:
            self.settled.clear()
            await to_the_end(self._end(process))
        return Ended(
            self._log,
            code=process.returncode if in_time else None,
            hung=hung,
            lived_seconds=ended - started,
            ready_seconds=ended - ready_at if ready_at is not None else 0.0,
            lines=await asyncio.to_thread(log.last_lines),
        )

    async def _spawn(self, output: int, signs: Signs) -> Process:
        # A session of its own: Ctrl-C in the terminal reaches the supervisor only, which ends each
        # part once, as a whole group.
        return await asyncio.create_subprocess_exec(
            *self._part.command,
            cwd=self._part.cwd,
            env={"PYTHONUNBUFFERED": "1", **self._part.env, **signs.environment},
            stdin=DEVNULL,
            stdout=output,
            stderr=STDOUT,
            start_new_session=True,
        )

    async def _until_ready(self, process: Process, started: float) -> float | None:
        """Return the time at which it was ready; None if it ended or took too long."""
        while process.returncode is None:
            ready = await is_ready(self._part, time.monotonic() - started)
            now = time.monotonic()
            # After the part's end another program may answer at its address.
            if ready and process.returncode is None:
                self._screen.change(self._row, State.READY, now - started)
                self.settled.set()
                return now
            if now - started > self._part.timeout_seconds:
                return None
            await asyncio.sleep(self._limits.probe)
        return None

    async def _hangs(self, process: Process, signs: Signs) -> bool:
        """Wait for the end; return True if it gave no more signs of life, and was killed."""
        end = create_task(process.wait())
        try:
            while not (await asyncio.wait({end}, timeout=self._limits.watch))[0]:
                if signs.look():
                    signal_groups({process.pid}, signal.SIGKILL)
                    return True
        finally:
            end.cancel()
        return False

    async def _end(self, process: Process) -> None:
        """Send SIGTERM to the group, SIGKILL after the grace period; leave no process behind."""
        group = {process.pid}
        if process.returncode is None:
            self._screen.change(self._row, State.STOPPING)
        signal_groups(group, signal.SIGTERM)
        gone, hurry = create_task(process.wait()), create_task(self._hurry.wait())
        await asyncio.wait({gone, hurry}, timeout=self._limits.stop, return_when=FIRST_COMPLETED)
        hurry.cancel()
        for _ in range(LINGER_POLLS if gone.done() else 0):
            if not signal_groups(group, 0):
                break
            await asyncio.sleep(LINGER_POLL)
        signal_groups(group, signal.SIGKILL)
        await gone
        self._guard.forget(process.pid)
        self._row.group = self._row.memory = None


async def to_the_end(work: Coroutine[None, None, None]) -> None:
    """Finish the work even if cancelled meanwhile, so that no part stays half stopped."""
    task = create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
