"""New messages of conversations, from any process: PostgreSQL's notifications wake the streams.

A trigger notifies at the commit of each message (migration 0017). SQLite has no notifications.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from intercup.db.engine import Database
from intercup.errors import Unavailable

CHANNEL = "intercup_chat"
RETRY = 1.0  # seconds before a lost connection is opened again


class NewMessages:
    """The streams of this process, by conversation."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._streams: dict[str, set[asyncio.Event]] = {}
        self.is_listening = False  # else the streams have to ask

    @contextmanager
    def wake(self, conversation_id: str, stream: asyncio.Event) -> Iterator[None]:
        """Set a stream's event at each new message of a conversation."""
        streams = self._streams.setdefault(conversation_id, set())
        streams.add(stream)
        try:
            yield
        finally:
            streams.remove(stream)
            if not streams:
                self._streams.pop(conversation_id, None)

    async def watch(self) -> None:
        """Listen until cancelled."""
        while not self._database.is_sqlite:
            with suppress(Unavailable):
                await self._database.listen(CHANNEL, self._heard, self._begin)
            self.is_listening = False
            self._wake_all()
            await asyncio.sleep(RETRY)
        await asyncio.Future()

    def _begin(self) -> None:
        self.is_listening = True
        self._wake_all()  # Notifications before this moment are lost.

    def _heard(self, conversation_id: str) -> None:
        for stream in self._streams.get(conversation_id, ()):
            stream.set()

    def _wake_all(self) -> None:
        for conversation_id in self._streams:
            self._heard(conversation_id)
