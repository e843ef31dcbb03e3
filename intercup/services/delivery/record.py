"""Record results of deliveries at once; those that arrive meanwhile share a transaction."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.domain.delivery import REFUSED, DeliveryState
from intercup.errors import Unavailable
from intercup.mail.smtp import Outcome, Result
from intercup.metrics import DELIVERED
from intercup.services.delivery import channel, outbox
from intercup.services.delivery.channel import Ended
from intercup.services.delivery.news import tell_the_conversations
from intercup.services.delivery.outbox import Claimed

# Unrecorded results, which a crash sends twice: mails go out while earlier results are written.
UNRECORDED_MAX = 16
GROUP = 12  # results that end the linger early and share one transaction
LINGER = 0.01  # seconds
RETRY_AFTER = 1.0  # seconds
RETRIES = 30  # a sent mail whose result can't be recorded is sent again

logger = logging.getLogger(__name__)


class Recorder:
    """Records results as they arrive: `async with Recorder(...) as recorder`; exit waits for all.

    Raises:
        Unavailable: the database failed for long; from `note` or at exit.
    """

    def __init__(self, database: Database, owner: str, clock: Callable[[], float]) -> None:
        self._database, self._owner, self._clock = database, owner, clock
        self._waiting: list[Ended] = []
        self._news = asyncio.Event()
        self._room = asyncio.Semaphore(UNRECORDED_MAX)
        self._closing = False
        self.relay_failed = False

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._write_all())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing = True
        self._news.set()
        await self._task

    async def note(self, delivery: Claimed, outcome: Outcome) -> None:
        """Hand over a result; waits while too many are unrecorded."""
        self._waiting.append((delivery, outcome))
        self.relay_failed |= delivery.pauses_the_channel(outcome)
        self._news.set()
        if not self._room.locked():
            await self._room.acquire()
            return
        room = asyncio.create_task(self._room.acquire())
        await asyncio.wait({room, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if self._task.done():
            room.cancel()
            self._task.result()

    async def _write_all(self) -> None:
        while not self._closing or self._waiting:
            await self._gather_some()
            ended, self._waiting = self._waiting, []
            if ended:
                await self._write_stubbornly(ended)
                for _ in ended:
                    self._room.release()

    async def _gather_some(self) -> None:
        if not self._waiting and not self._closing:
            await self._news.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER):
                while len(self._waiting) < GROUP and not self._closing:
                    self._news.clear()
                    await self._news.wait()
        self._news.clear()

    async def _write_stubbornly(self, ended: Sequence[Ended]) -> None:
        for _ in range(RETRIES):
            try:
                return await self._write(ended)
            except Unavailable:
                logger.error("ALARM results of %d deliveries wait for the database", len(ended))
                await asyncio.sleep(RETRY_AFTER)
        await self._write(ended)

    async def _write(self, ended: Sequence[Ended]) -> None:
        now = self._clock()
        async with self._database.write() as session:
            ended = await channel.judged(session, ended)
            states = await outbox.record_all(session, ended, self._owner, now)
            await self._follow_relay(session, ended, now)
            await tell_the_conversations(session, [delivery for delivery, _ in ended], states)
        for delivery, outcome in ended:
            _log(delivery, outcome, states.get(delivery.id))

    async def _follow_relay(
        self, session: AsyncSession, ended: Sequence[Ended], now: float
    ) -> None:
        """Pause or resume the relay according to the last conclusive result."""
        telling = [
            (outcome, delivery.pauses_the_channel(outcome))
            for delivery, outcome in ended
            if outcome.result is Result.SENT or delivery.pauses_the_channel(outcome)
        ]
        if not telling:
            return
        outcome, is_fault = telling[-1]
        if not is_fault:
            if await channel.works(session):
                logger.warning("relay works again")
            return
        self.relay_failed = True
        seconds = await channel.failed(session, outcome.reason, now)
        if seconds:
            logger.error("ALARM relay down: %s, pause %.0f s", outcome.reason, seconds)


def _log(delivery: Claimed, outcome: Outcome, state: DeliveryState | None) -> None:
    DELIVERED.labels(outcome.result.value).inc()
    trace = {"trace": delivery.trace}
    if state is None:
        logger.error("ALARM delivery %s: lease lost before its result", delivery.id, extra=trace)
    elif state in REFUSED:
        level = logging.ERROR if state == DeliveryState.HELD else logging.WARNING
        logger.log(
            level, "ALARM delivery %s %s: %s", delivery.id, state, outcome.reason, extra=trace
        )
    else:
        logger.info("delivery %s %s %s", delivery.id, state, outcome.reason, extra=trace)
