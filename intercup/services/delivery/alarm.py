"""Alarms about mail that stands still and a refused structures file, once for each trouble."""

import logging
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import Alarm, Channel, Delivery, PecReceipt
from intercup.domain.delivery import UNDER_WAY, DeliveryState
from intercup.mail.compose_alarm import AlarmMail, compose_alarm
from intercup.services.delivery.outbox import queued
from intercup.texts import TEXTS

LATE = 30 * 60.0  # seconds
BETWEEN_MAILS = 15 * 60.0  # seconds; the next mail includes new troubles of the meantime
LISTED = 50  # deliveries named in a mail
STRUCTURES = "structures"  # the trouble of a host whose changed structures file is refused
KINDS = ("relay", "held", "late", "mailbox", "receipt", STRUCTURES)
TOLD_TO_NOBODY = exists().where(
    Delivery.role == "alarm",
    Delivery.state == DeliveryState.FAILED,
    Delivery.created_at == Alarm.told_at,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Watch:
    """The alarm's recipient and the service's URL; without `alarm_to` alarms are only logged."""

    alarm_to: str = ""
    mail_from: str = ""


async def tell_of_troubles(database: Database, watch: Watch, now: float) -> list[str]:
    """Report new troubles, forget those that are over; return the new ones.

    Raises:
        Unavailable: the database failed; the next check reports.
    """
    async with database.read() as reading:
        if await _troubles(reading, now) == await _told(reading):
            return []
    try:
        async with database.write() as writing:
            return await _tell(writing, watch, now)
    except IntegrityError:
        return []  # Another worker has reported at the same moment.


async def _tell(writing: AsyncSession, watch: Watch, now: float) -> list[str]:
    found, told = await _troubles(writing, now), await _told(writing)
    over = told - found
    if await writing.scalar(select(Channel.failing_since)) is not None:
        # Late mails are still late: they aren't checked while all mails wait for the relay.
        over = {trouble for trouble in over if not trouble.startswith("late")}
    if over:
        await writing.execute(delete(Alarm).where(Alarm.trouble.in_(over)))
    new = sorted(found - told, key=lambda each: (len(each), each))
    if new:
        logger.error("ALARM mail for the offices stands still: %s", ", ".join(new[:LISTED]))
    if not new or (watch.alarm_to and await _told_a_moment_ago(writing, now)):
        return []
    # Only these: another worker's new row must make this one's insert fail.
    await writing.execute(delete(Alarm).where(TOLD_TO_NOBODY))
    writing.add_all(Alarm(trouble=trouble, told_at=now) for trouble in new)
    if watch.alarm_to:
        writing.add(_delivery(new, watch, now))
    return new


async def tell_of_structures(
    database: Database, watch: Watch, host: str, *, refused: bool, now: float
) -> None:
    """Report that a host's changed structures file is refused; forget it when it no longer is.

    Raises:
        Unavailable: the database failed; the next check reports.
    """
    trouble = Alarm.trouble == f"{STRUCTURES} {host}"
    async with database.read() as reading:
        told = await reading.scalar(select(Alarm.trouble).where(trouble, ~TOLD_TO_NOBODY))
        if refused == (told is not None):
            return
        if refused and watch.alarm_to and await _told_a_moment_ago(reading, now):
            return
    with suppress(IntegrityError):  # Another process of the host has reported at the same moment.
        async with database.write() as writing:
            await writing.execute(delete(Alarm).where(trouble))
            if refused:
                new = Alarm(trouble=f"{STRUCTURES} {host}", told_at=now)
                writing.add(new)
                if watch.alarm_to:
                    writing.add(_delivery([new.trouble], watch, now))


async def _told(session: AsyncSession) -> set[str]:
    """Return the reported troubles of the mail, without those whose alarm mail reached nobody."""
    of_mail = ~Alarm.trouble.startswith(STRUCTURES)
    return set(await session.scalars(select(Alarm.trouble).where(of_mail, ~TOLD_TO_NOBODY)))


async def _troubles(session: AsyncSession, now: float) -> set[str]:
    """Return the current troubles: `relay`; with ids `held 12`, `late`, `mailbox`, `receipt`."""
    of_offices = select(Delivery.id).where(Delivery.role == "office")
    held = await session.scalars(of_offices.where(Delivery.state == DeliveryState.HELD))
    found = {f"held {id_}" for id_ in held}
    refused = (Delivery.role == "mailbox", Delivery.state == DeliveryState.FAILED)
    of_changes = await session.scalars(select(Delivery.id).where(*refused))
    found |= {f"mailbox {id_}" for id_ in of_changes}
    doubtful = await session.scalars(select(PecReceipt.delivery_id).where(PecReceipt.doubtful))
    found |= {f"receipt {id_}" for id_ in doubtful}
    failing_since = await session.scalar(select(Channel.failing_since))
    if failing_since is None:
        waiting = Delivery.state.in_(UNDER_WAY)
        late = await session.scalars(of_offices.where(waiting, Delivery.created_at < now - LATE))
        return found | {f"late {id_}" for id_ in late}
    # While the relay fails all mails wait for it, which is a single trouble.
    return found | ({"relay"} if failing_since <= now - LATE else set())


async def _told_a_moment_ago(session: AsyncSession, now: float) -> bool:
    """Return True if an alarm mail is queued, or the last one is too recent for another."""
    alarm = Delivery.role == "alarm"
    waiting = alarm & Delivery.state.in_(UNDER_WAY)
    recent = alarm & Delivery.created_at.between(now - BETWEEN_MAILS, now)
    return await session.scalar(select(Delivery.id).where(waiting | recent).limit(1)) is not None


def _delivery(troubles: Collection[str], watch: Watch, now: float) -> Delivery:
    sent_at = datetime.fromtimestamp(now, UTC)
    kind = "structures" if all(each.startswith(STRUCTURES) for each in troubles) else "mail"
    subject = TEXTS(f"alarm.subject_{kind}")
    mail = AlarmMail(subject, _lines(troubles), watch.alarm_to, sent_at, watch.mail_from)
    return queued("alarm", watch.mail_from, watch.alarm_to, compose_alarm(mail), now)


def _lines(troubles: Collection[str]) -> tuple[str, ...]:
    """Return a sentence for each kind of trouble with its deliveries' ids or its hosts."""
    ids: dict[str, list[str]] = {kind: [] for kind in KINDS}
    named = set()
    for trouble in troubles:
        kind, _, id_ = trouble.partition(" ")
        named.add(kind)
        ids[kind].append(id_)
    return tuple(
        TEXTS(f"alarm.{kind}", count=str(len(ids[kind])), ids=", ".join(ids[kind][:LISTED]))
        for kind in KINDS
        if kind in named
    )
