"""The number of turns at the same time, in this process."""

from collections.abc import Iterator
from contextlib import contextmanager

from intercup.errors import Unavailable
from intercup.metrics import LIMITS, TURNS

AT_ONCE = 60  # less than a second's; those after them would wait longer than for a refusal
AGAIN = 3  # seconds


class Turns:
    """Allows a number of turns at the same time."""

    def __init__(self) -> None:
        self._left = AT_ONCE

    def check(self) -> None:
        """Refuse a turn before any work for it.

        Raises:
            Unavailable: there are as many as are allowed.
        """
        if not self._left:
            LIMITS.labels("chat_busy").inc()
            TURNS.labels("refused").inc()
            raise Unavailable("chat_busy", retry_after=AGAIN)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count a turn while it is under way.

        Raises:
            Unavailable: there are as many as are allowed.
        """
        self.check()
        self._left -= 1
        try:
            yield
        finally:
            self._left += 1
