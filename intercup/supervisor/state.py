"""The current state of a part, and the end of its last run."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from intercup.supervisor.part import Part


class State(Enum):
    """A part's state: its mark and its colour."""

    STARTING = ("○", "yellow")
    READY = ("●", "green")
    RESTARTING = ("↻", "yellow")
    STOPPING = ("○", "default")
    STOPPED = ("·", "dim")
    FAILED = ("✗", "red")


PASSING = {State.STARTING, State.RESTARTING, State.STOPPING}


@dataclass
class Row:
    """A part's row; `seconds` is its time to readiness, or the wait before a restart."""

    part: Part
    state: State = State.STARTING
    seconds: float = 0.0
    since: float = field(default_factory=time.monotonic)
    group: int | None = None
    memory: int | None = None  # bytes

    def enter(self, state: State, seconds: float = 0.0) -> None:
        """Set the new state and its time."""
        self.state, self.seconds, self.since = state, seconds, time.monotonic()


@dataclass(frozen=True)
class Ended:
    """The end of a run; a code of None means that the part wasn't ready in time.

    A part that `hung` gave no more signs of life and was killed.
    """

    log: Path
    code: int | None = None
    lived_seconds: float = 0.0
    ready_seconds: float = 0.0
    lines: Sequence[str] = ()
    error: OSError | None = None
    hung: bool = False

    @property
    def hopeless(self) -> bool:
        """Return True if a restart can't help, for example with a missing program."""
        return self.error is not None
