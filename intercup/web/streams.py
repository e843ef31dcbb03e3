"""The open event streams of this process: a few for each session, more for an address.

Counted in memory by ADR 12: a stream costs work and a connection, and sends no mail.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from intercup.errors import TooMany

OF_SESSION = 5  # visible tabs; over HTTP/1.1 a browser opens six connections
RETRY_AFTER = 60  # seconds


class Stream(asyncio.Event):
    """An open stream; set when it should look for messages, or end."""

    is_replaced = False
    is_over = False  # the process ends; the browser reconnects to the next one

    def end(self) -> None:
        """Let it end."""
        self.is_over = True
        self.set()

    def replace(self) -> None:
        """Let it end."""
        self.is_replaced = True
        self.set()


class Streams:
    """Counts the streams; one more of a session ends its oldest."""

    def __init__(self, most_of_address: int) -> None:
        self._most_of_address = most_of_address
        self._of_address: Counter[str] = Counter()
        self._of_session: dict[str, list[Stream]] = {}
        self._are_over = False

    @contextmanager
    def one(self, session: str, address: str) -> Iterator[Stream]:
        """Count a stream while it is open.

        Raises:
            TooMany: too many are open at this address.
        """
        if self._of_address[address] >= self._most_of_address:
            raise TooMany("too_many_visits", retry_after=RETRY_AFTER)
        stream = Stream()
        stream.is_over = self._are_over
        open_ones = self._of_session.setdefault(session, [])
        open_ones.append(stream)
        self._of_address[address] += 1
        if len(open_ones) > OF_SESSION:
            open_ones.pop(0).replace()
        try:
            yield stream
        finally:
            self._left(session, address, stream)

    def end(self) -> None:
        """Let all of them end, and any later one at once."""
        self._are_over = True
        for streams in self._of_session.values():
            for stream in streams:
                stream.end()

    def _left(self, session: str, address: str, stream: Stream) -> None:
        self._of_address[address] -= 1
        if not self._of_address[address]:
            del self._of_address[address]
        if stream in (open_ones := self._of_session.get(session, [])):
            open_ones.remove(stream)
            if not open_ones:
                del self._of_session[session]
