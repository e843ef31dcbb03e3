"""The relay's state, shared by all workers: a pause while it fails, or refuses every mail."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import Table, null, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.prepared import Prepared
from intercup.db.tables import Channel, Delivery
from intercup.domain.retry import CHANNEL_PAUSE_LONGEST, channel_pause
from intercup.mail.smtp import Outcome, Result
from intercup.services.delivery.outbox import Claimed

type Ended = tuple[Claimed, Outcome]

RELAY = "relay"  # the one row of the table, made by the first migration
# Built once, as they run for every few mails.
_CHANNELS = cast(Table, Channel.__table__)
_OF_RELAY = _CHANNELS.c.name == RELAY
_PAUSED_UNTIL = Prepared(select(_CHANNELS.c.paused_until).where(_OF_RELAY))
_FAILURES = Prepared(select(_CHANNELS.c.failures).where(_OF_RELAY))
_WORKS = Prepared(
    update(_CHANNELS)
    .where(_OF_RELAY, _CHANNELS.c.failures > 0)
    .values(failures=0, paused_until=0.0, failing_since=null(), last_error=null())
    .returning(_CHANNELS.c.name)
)
_FORGET_REFUSAL = Prepared(
    update(_CHANNELS)
    .where(_OF_RELAY, _CHANNELS.c.refusal.is_not(None))
    .values(refusal=null(), refused_delivery=null())
)


async def is_paused(session: AsyncSession, now: float) -> bool:
    """Return True during the relay's pause; a clock set back doesn't prolong it."""
    found = await _PAUSED_UNTIL.rows(session, {})
    return any(_rests(paused_until, now) for (paused_until,) in found)


async def is_failing(session: AsyncSession) -> bool:
    """Return True if the relay has accepted no mail since its last failure."""
    return any(failures for (failures,) in await _FAILURES.rows(session, {}))


async def failed(session: AsyncSession, reason: str, now: float) -> float:
    """Pause the relay for all workers and return the seconds; 0 if it is already paused."""
    channel = await session.get_one(Channel, RELAY, with_for_update=True)
    channel.failing_since = channel.failing_since or now
    channel.last_error = reason
    if _rests(channel.paused_until, now):
        return 0.0
    channel.failures += 1
    pause = channel_pause(channel.failures)
    channel.paused_until = now + pause
    return pause


async def works(session: AsyncSession) -> bool:
    """Note that the relay accepted a mail; return True if it had been failing."""
    return await _WORKS.row(session, {}) is not None


async def judged(session: AsyncSession, ended: Sequence[Ended]) -> list[Ended]:
    """Treat a refusal about us as the relay's failure if another request's recipient got it too.

    One recipient may have its own rule; two in a row without an accepted mail concern everybody.
    """
    if all(outcome.result is not Result.SENDER_REFUSED for _, outcome in ended):
        if any(outcome.result is Result.SENT for _, outcome in ended):
            await _FORGET_REFUSAL.run_each(session, [{}])
        return list(ended)
    channel = await session.get_one(Channel, RELAY, with_for_update=True)
    found = []
    for delivery, outcome in ended:
        if outcome.result is Result.SENT:
            channel.refusal = channel.refused_delivery = None
        elif outcome.result is Result.SENDER_REFUSED and delivery.request_number:
            if await _another_got_it(session, channel, delivery, outcome.reason):
                outcome = Outcome(Result.CHANNEL_DOWN, outcome.reason)
            else:
                channel.refusal, channel.refused_delivery = outcome.reason, delivery.id
        found.append((delivery, outcome))
    await session.flush()
    return found


async def _another_got_it(
    session: AsyncSession, channel: Channel, delivery: Claimed, reason: str
) -> bool:
    if channel.refused_delivery is None or channel.refusal != reason:
        return False
    before = await session.get(Delivery, channel.refused_delivery)
    return (
        before is not None
        and before.request_number != delivery.request_number
        and before.recipient.lower() != delivery.recipient.lower()
    )


def _rests(paused_until: float | None, now: float) -> bool:
    # A clock that was set back must not prolong a pause.
    return paused_until is not None and now < paused_until <= now + 2 * CHANNEL_PAUSE_LONGEST
