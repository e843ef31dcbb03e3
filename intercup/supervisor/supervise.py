"""Start all parts, keep them alive, and leave no process behind."""

import asyncio
import os
import signal
import termios
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from pathlib import Path

from rich.console import Console

from intercup.supervisor import terminal_texts as texts
from intercup.supervisor.guard_client import guarded
from intercup.supervisor.memory import group_memory
from intercup.supervisor.part import Limits, Part
from intercup.supervisor.ports import taken_ports
from intercup.supervisor.runner import Runner, StartError
from intercup.supervisor.screen import Screen

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOPPED, GAVE_UP, PORT_TAKEN = 0, 1, 2  # exit codes
REDRAW_EVERY = 0.25  # seconds
MEMORY_EVERY = 20  # redraws


class StopError(Exception):
    """The user or the system asks for the shutdown."""


async def supervise(
    parts: Sequence[Part],
    *,
    log_dir: Path,
    address: str,
    title: str = "InterCup Assistenza",
    hints: Sequence[tuple[str, str]] = (),
    console: Console | None = None,
    limits: Limits | None = None,
) -> int:
    """Run the parts until a signal or until one can't be started; return the exit code.

    `hints` are (label, value) lines shown under the address when all parts are ready. Exit codes:
    0 stopped on request, 1 a critical part doesn't start, 2 a port is taken.
    """
    limits = limits or Limits()
    screen = Screen(
        console or Console(highlight=False),
        parts,
        log_dir=log_dir,
        title=title,
        address=address,
        hints=hints,
    )
    taken = await asyncio.to_thread(taken_ports, parts)
    if taken:
        screen.ports_taken(taken)
        return PORT_TAKEN
    hurry = asyncio.Event()
    with stop_on_signals(screen, hurry) as stop:
        screen.open()
        async with guarded(limits.stop) as guard, redrawing(screen):
            runners = [Runner(row, screen, guard, hurry, log_dir, limits) for row in screen.rows]
            code = await run_all(runners, screen, stop)
    if code == GAVE_UP:
        screen.say(texts.GAVE_UP, "red")
    screen.say(texts.ALL_STOPPED)
    return code


@contextmanager
def stop_on_signals(screen: Screen, hurry: asyncio.Event) -> Iterator[asyncio.Event]:
    """Treat the first signal as a request to stop, a second one as urgent."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def on_signal(number: int) -> None:
        if number == signal.SIGHUP:
            leave_terminal()
        if not stop.is_set():
            stop.set()
            screen.stopping(texts.STOPPING)
        elif not hurry.is_set():
            hurry.set()
            screen.say(texts.HURRY)

    for number in SIGNALS:
        loop.add_signal_handler(number, on_signal, number)
    try:
        yield stop
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)


def has_terminal() -> bool:
    """Return True if standard output's terminal still exists."""
    try:
        termios.tcgetattr(1)
    except termios.error:
        return False
    return True


def leave_terminal() -> None:
    """Discard further output: writes to a closed terminal would fail."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


async def run_all(runners: Sequence[Runner], screen: Screen, stop: asyncio.Event) -> int:
    """Run until a stop is requested or a critical part gives up; all end together."""
    code = STOPPED
    try:
        async with asyncio.TaskGroup() as group:
            for runner in runners:
                group.create_task(runner.run())
            group.create_task(announce(runners, screen))
            await stop.wait()
            raise StopError
    except* StopError:
        pass
    except* StartError:
        code = GAVE_UP
    return code


async def announce(runners: Sequence[Runner], screen: Screen) -> None:
    """Show the address once all parts are ready at the same time."""
    started = time.monotonic()
    while not all(runner.settled.is_set() for runner in runners):
        for runner in runners:
            await runner.settled.wait()
    screen.all_ready(time.monotonic() - started)


@asynccontextmanager
async def redrawing(screen: Screen) -> AsyncIterator[None]:
    """Keep the live table up to date while the parts run and stop."""
    task = asyncio.create_task(redraw(screen))
    try:
        yield
    finally:
        task.cancel()
        screen.close()


async def redraw(screen: Screen) -> None:
    """Redraw changes four times a second, and measure memory every few seconds."""
    for turn in count():
        if screen.is_live and turn % MEMORY_EVERY == 0:
            if not has_terminal():
                # The window was closed, but SIGHUP went to another process, such as make.
                signal.raise_signal(signal.SIGHUP)
                return
            memory = await asyncio.to_thread(group_memory)
            for row in screen.rows:
                row.memory = memory.get(row.group) if row.group else None
        screen.refresh()
        await asyncio.sleep(REDRAW_EVERY)
