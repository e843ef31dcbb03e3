"""Hourly limits for unauthenticated visitors.

Counted in this process's memory: a flood must not cause writes. Actions that send mail are
counted in the database too (services/limits.py).
"""

import asyncio
import time
from collections.abc import Callable
from math import ceil
from weakref import WeakValueDictionary

from intercup.errors import TooMany
from intercup.metrics import LIMITS
from intercup.services.limits import DEMO_TIMES, HOUR
from intercup.settings import Settings

RATINGS = 20  # an hour per session; nobody needs more than two
FILES = 60  # an hour per session
UPLOADS = 6  # at the same time, of up to 20 MB in memory, a session one; others wait
KEYS_MAX = 100_000  # sessions or addresses; beyond it all counts are reset


class Hourly:
    """Allows each key a number of uses per hour, at once or spread out.

    Source: the generic cell rate algorithm (ITU-T I.371).
    """

    def __init__(self, count: int, refusal: str, clock: Callable[[], float] = time.monotonic):
        self._step = HOUR / count
        self._refusal = refusal
        self._clock = clock
        self._used_until: dict[str, float] = {}

    def take(self, key: str) -> None:
        """Count one use.

        Raises:
            TooMany: with the seconds until the next possible use.
        """
        now = self._clock()
        until = max(self._used_until.get(key, now), now) + self._step
        if until > now + HOUR:
            LIMITS.labels(self._refusal).inc()
            raise TooMany(self._refusal, retry_after=ceil(until - now - HOUR))
        if len(self._used_until) >= KEYS_MAX:
            self._used_until.clear()
        self._used_until[key] = until


class Floods:
    """The limits of a web process, by IP address; of messages and ratings by session."""

    def __init__(self, settings: Settings) -> None:
        times = DEMO_TIMES if settings.is_demo else 1
        self.logins = Hourly(settings.logins_per_hour_ip * times, "too_many_visits")
        self.chats = Hourly(settings.chats_per_hour_ip * times, "too_many_visits")
        self.messages = Hourly(settings.messages_per_hour * times, "too_many_messages")
        self.ratings = Hourly(RATINGS * times, "limited")
        self.files = Hourly(FILES * times, "too_many_files")
        self.uploads = asyncio.Semaphore(UPLOADS)
        self.uploads_of: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.messages_ip = Hourly(settings.messages_per_hour_ip * times, "too_many_messages")
