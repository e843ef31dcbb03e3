"""A bounded memory of conversations."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Any, Callable, Optional, Text

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

SECONDS_PER_HOUR = 3600.0


class ExpiringTrackerStore(InMemoryTrackerStore):
    """Rasa's memory store, which by itself never forgets, with a bound on age and on number.

    A forgotten conversation isn't lost: the database has it, and action_session_start restores it.
    """

    def __init__(
        self,
        domain: Optional[Domain],
        event_broker: Optional[EventBroker] = None,
        max_idle_hours: float = 24.0,
        max_trackers: int = 2000,
        clock: Callable[[], float] = time.monotonic,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker, **kwargs)
        # In the order of the last use, the oldest first.
        self._used_at: OrderedDict[Text, float] = OrderedDict()
        self._max_idle_seconds = float(max_idle_hours) * SECONDS_PER_HOUR
        self._max_trackers = int(max_trackers)
        self._clock = clock

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Save a conversation and forget those beyond the bounds."""
        await super().save(tracker)
        self._used_at[tracker.sender_id] = self._clock()
        self._used_at.move_to_end(tracker.sender_id)
        self._forget()

    async def retrieve(self, sender_id: Text) -> Optional[DialogueStateTracker]:
        """Return the conversation, None when it is unknown or forgotten."""
        self._forget()
        return await super().retrieve(sender_id)

    def _forget(self) -> None:
        oldest_kept = self._clock() - self._max_idle_seconds
        while self._used_at:
            sender_id, used_at = next(iter(self._used_at.items()))
            if used_at >= oldest_kept and len(self._used_at) <= self._max_trackers:
                return
            del self._used_at[sender_id]
            self.store.pop(sender_id, None)
