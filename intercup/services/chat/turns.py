"""The turns of this process at the same time, and the refusal of more before any work for them."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from intercup.errors import Unavailable
from intercup.metrics import LIMITS, TURNS

AT_ONCE = 60  # less than a second's; those after them would wait longer than for a refusal
# A turn that takes so long shows that each waits for many; beside it only a few are taken.
SLOW = 0.5  # seconds
FEW = 16
AGAIN = 3  # seconds


class Turns:
    """Allows a number of turns at the same time, a smaller one while they are slow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began: dict[object, float] = {}  # of those under way, the oldest first

    def check(self) -> None:
        """Refuse a turn before any work for it.

        Raises:
            Unavailable: there are as many as are allowed.
        """
        if len(self._began) >= self._allowed():
            LIMITS.labels("chat_busy").inc()
            TURNS.labels("refused").inc()
            raise Unavailable("chat_busy", retry_after=AGAIN)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count a turn while it is under way."""
        turn = object()
        self._began[turn] = self._clock()
        try:
            yield
        finally:
            del self._began[turn]

    def _allowed(self) -> int:
        oldest = next(iter(self._began.values()), self._clock())
        return min(AT_ONCE, FEW) if self._clock() - oldest > SLOW else AT_ONCE
