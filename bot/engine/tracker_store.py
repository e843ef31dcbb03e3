"""A bounded memory of conversations."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Any, Callable, Iterable, Optional, Text, Tuple

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

SECONDS_PER_HOUR = 3600.0


class ExpiringTrackerStore(TrackerStore):
    """Tracker objects in memory, with a bound on age and number.

    Rasa's InMemoryTrackerStore never forgets, and at every turn serialises a conversation to JSON
    and replays it, which takes a fifth of a turn. Here a failed turn leaves traces in its tracker,
    so the gateway continues with a new sender. A forgotten conversation isn't lost:
    action_session_start restores it from the database.
    """

    def __init__(
        self,
        domain: Optional[Domain],
        event_broker: Optional[EventBroker] = None,
        max_idle_hours: float = 1.0,
        max_trackers: int = 500,
        clock: Callable[[], float] = time.monotonic,
        **kwargs: Any,
    ) -> None:
        # Rasa's own commands know the patches only from here: endpoints.yml names this class.
        from engine.patches import apply_patches

        apply_patches()
        super().__init__(domain, event_broker, **kwargs)
        # Trackers with the time of their last use, oldest first.
        self.trackers: OrderedDict[Text, Tuple[float, DialogueStateTracker]] = OrderedDict()
        self._max_idle_seconds = float(max_idle_hours) * SECONDS_PER_HOUR
        self._max_trackers = int(max_trackers)
        self._clock = clock

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store a conversation and forget those beyond the bounds."""
        await self.stream_events(tracker)
        self.trackers[tracker.sender_id] = (self._clock(), tracker)
        self.trackers.move_to_end(tracker.sender_id)
        self._forget()

    async def retrieve(self, sender_id: Text) -> Optional[DialogueStateTracker]:
        """Return the conversation; None if it is unknown or forgotten."""
        self._forget()
        _, tracker = self.trackers.get(sender_id, (0.0, None))
        return tracker

    async def keys(self) -> Iterable[Text]:
        """Return the senders of the conversations kept."""
        return list(self.trackers)

    def _forget(self) -> None:
        oldest_kept = self._clock() - self._max_idle_seconds
        while self.trackers:
            sender_id, (used_at, _) = next(iter(self.trackers.items()))
            if used_at >= oldest_kept and len(self.trackers) <= self._max_trackers:
                return
            del self.trackers[sender_id]
