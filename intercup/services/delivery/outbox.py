"""The outbox: claim deliveries and record their results. Every function is one transaction.

A claim is a lease: only its owner may record the result, until another worker takes it over.
"""

import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import cast

from sqlalchemy import Table, Update, and_, bindparam, case, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.prepared import Prepared, add
from intercup.db.tables import Delivery, Forward, ForwardLink, Request
from intercup.domain.delivery import (
    LEFT_MAILBOX,
    MAILBOX_CHANGED,
    MAILBOX_CHANGED_MEANWHILE,
    READDRESSED,
    REFUSED,
    UNDER_WAY,
    DeliveryState,
    check_transition,
    refused_state,
)
from intercup.domain.directory import Office
from intercup.domain.forwarding import LINK_LIFE
from intercup.domain.retry import (
    LEASE,
    LONGEST_DELAY,
    GiveUp,
    is_fault_of_mail,
    next_try,
    next_try_of_sender,
)
from intercup.log import TRACE
from intercup.mail.compose import link_token_in, with_files_on_page
from intercup.mail.mail_settings import MailSettings
from intercup.mail.smtp import Outcome, Result
from intercup.services.ids import hash_of

# By urgency: somebody waits for a code; an office matters more than a copy.
ROLES = ("alarm", "code", "mailbox", "office", "copy", "question")
QUEUED, SENDING, SENT = DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.SENT
# Built once, as they run for every mail.
_ROWS = cast(Table, Delivery.__table__)
# Its bytes are still there, and no other mail has replaced it.
CAN_BE_SENT_AGAIN = and_(_ROWS.c.raw != b"", _ROWS.c.last_error.is_distinct_from(READDRESSED))


def change_state(*sources: DeliveryState, to: DeliveryState) -> Update:
    """Return an UPDATE of deliveries in these states; no other code changes a state.

    Raises:
        ValueError: there is no such transition.
    """
    check_transition(sources, to)
    return update(_ROWS).where(or_(*(_ROWS.c.state == each for each in sources))).values(state=to)


_MARK_SENT = (
    change_state(SENDING, to=SENT)
    .where(
        _ROWS.c.id.in_(bindparam("ids", expanding=True)),
        _ROWS.c.lease_owner == bindparam("owner"),
    )
    .values(
        sent_at=bindparam("now"),
        attempts=_ROWS.c.attempts + 1,
        last_error=None,
        lease_owner=None,
        lease_until=None,
    )
    .returning(_ROWS.c.id)
)


@dataclass(frozen=True)
class Claimed:
    """A delivery that this worker may now send."""

    id: int
    request_number: str | None
    role: str
    hop: int
    envelope_from: str
    recipient: str
    trace: str
    raw: bytes
    attempts: int
    first_attempt_at: float | None
    breaks: int
    addition: int = 0
    attached: bool = False

    def pauses_the_channel(self, outcome: Outcome) -> bool:
        """Return True if the relay itself caused the outcome."""
        if outcome.result is Result.BROKEN_OFF:
            return not is_fault_of_mail(self.breaks + 1)
        return outcome.result is Result.CHANNEL_DOWN


def queued(
    role: str,
    envelope_from: str,
    recipient: str,
    mail: tuple[str, bytes],
    at: float,
    request_number: str | None = None,
    hop: int = 0,
    addition: int = 0,
    *,
    attached: bool = False,
) -> Delivery:
    """Make the row of a new mail (Message-ID and bytes), due at once."""
    message_id, raw = mail
    return Delivery(
        request_number=request_number,
        hop=hop,
        addition=addition,
        role=role,
        envelope_from=envelope_from,
        recipient=recipient,
        message_id=message_id,
        trace=TRACE.get(),
        raw=raw,
        attached=attached,
        state=QUEUED,
        attempts=0,
        next_attempt_at=at,
        created_at=at,
    )


# A clock set back must neither delay a mail beyond the longest retry delay nor make retries
# immediate.
_DUE = or_(
    _ROWS.c.next_attempt_at <= bindparam("now"),
    _ROWS.c.next_attempt_at > bindparam("latest"),
    and_(_ROWS.c.created_at > bindparam("now"), _ROWS.c.attempts == 0),
)
_ABANDONED = or_(
    _ROWS.c.lease_until < bindparam("expired"), _ROWS.c.lease_until > bindparam("longest")
)
_FREE = or_(
    and_(_ROWS.c.state == QUEUED, _DUE),
    and_(_ROWS.c.state == SENDING, _ABANDONED),
)
_ANY_FREE = Prepared(select(_ROWS.c.id).where(_FREE).limit(1))
# SKIP LOCKED is for PostgreSQL; SQLite's BEGIN IMMEDIATE already lets one worker in.
_NEXT = (
    select(_ROWS.c.id)
    .where(_FREE)
    .order_by(_ROWS.c.next_attempt_at, _ROWS.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("due")  # PostgreSQL would run a subquery more than once, beyond the limit.
)
_CLAIM = Prepared(
    change_state(*UNDER_WAY, to=SENDING)
    .where(_ROWS.c.id.in_(select(_NEXT.c.id)), _FREE)
    .values(lease_owner=bindparam("owner"), lease_until=bindparam("until"))
    .returning(*(_ROWS.c[each.name] for each in fields(Claimed)))
)


async def claim(database: Database, owner: str, now: float, limit: int) -> list[Claimed]:
    """Claim up to `limit` due deliveries, the longest waiting first."""
    free = {"now": now, "latest": now + 2 * LONGEST_DELAY}
    free |= {"expired": now, "longest": now + 2 * LEASE}
    async with database.read() as session:
        # Most polls find nothing and shouldn't block other writers.
        if await _ANY_FREE.row(session, free) is None:
            return []
    lease = {"owner": owner, "until": now + LEASE, "most": limit}
    # After a power cut nobody has a lease.
    async with database.write(is_synced=False) as session:
        claimed = [Claimed(*row) for row in await _CLAIM.rows(session, free | lease)]
    return sorted(claimed, key=lambda c: (_urgency(c.role), c.id))


def _urgency(role: str) -> int:
    """Return a role's place in the order; one of a newer program comes last."""
    return ROLES.index(role) if role in ROLES else len(ROLES)


async def is_ours(database: Database, delivery: Claimed, owner: str) -> bool:
    """Return True while this worker has the lease; the mailbox may have changed meanwhile."""
    async with database.read() as session:
        held_by = select(Delivery.lease_owner).where(Delivery.id == delivery.id)
        return await session.scalar(held_by) == owner


async def record(
    session: AsyncSession, delivery: Claimed, owner: str, outcome: Outcome, now: float
) -> DeliveryState | None:
    """Record a claimed delivery's outcome and return its new state; None if the lease is lost."""
    state, values = _after(delivery, outcome, now)
    changed = await session.execute(
        change_state(SENDING, to=state)
        .where(_ROWS.c.id == delivery.id, _ROWS.c.lease_owner == owner)
        .values(lease_owner=None, lease_until=None, **values)
        .returning(_ROWS.c.state)
    )
    is_recorded = changed.scalar_one_or_none() is not None
    return state if is_recorded else None


async def record_all(
    session: AsyncSession, ended: Sequence[tuple[Claimed, Outcome]], owner: str, now: float
) -> dict[int, DeliveryState]:
    """Record several outcomes and return the new states by id, without lost leases."""
    sent = [delivery.id for delivery, outcome in ended if outcome.result is Result.SENT]
    states: dict[int, DeliveryState] = {}
    if sent:
        changed = await session.execute(_MARK_SENT, {"ids": sent, "owner": owner, "now": now})
        states = dict.fromkeys(changed.scalars(), SENT)
    for delivery, outcome in ended:
        if outcome.result is not Result.SENT:
            state = await record(session, delivery, owner, outcome, now)
            if state is not None:
                states[delivery.id] = state
    return states


def _after(
    delivery: Claimed, outcome: Outcome, now: float
) -> tuple[DeliveryState, dict[str, object]]:
    """Return the new state of a delivery, and its other new values."""
    match outcome.result:
        case Result.SENT:
            attempts = delivery.attempts + 1
            return SENT, {"sent_at": now, "attempts": attempts, "last_error": None}
        case Result.CHANNEL_DOWN:
            return QUEUED, {"next_attempt_at": now, "last_error": outcome.reason}
        case Result.BROKEN_OFF if delivery.pauses_the_channel(outcome):
            return QUEUED, {
                "next_attempt_at": now,
                "breaks": delivery.breaks + 1,
                "last_error": outcome.reason,
            }
        case Result.RECIPIENT_REFUSED | Result.UNBUILDABLE:
            return _for_a_person(delivery, outcome)
        case Result.SENDER_REFUSED:
            first = delivery.first_attempt_at or now
            decision = next_try_of_sender(now - first, random.random())  # noqa: S311 (jitter)
            if isinstance(decision, GiveUp):
                return _for_a_person(delivery, outcome)
            return QUEUED, {
                "first_attempt_at": first,
                "next_attempt_at": now + decision.seconds,
                "last_error": outcome.reason,
            }
        case Result.RECIPIENT_LATER | Result.AMBIGUOUS | Result.BROKEN_OFF:
            attempts = delivery.attempts + 1
            first = delivery.first_attempt_at or now
            decision = next_try(attempts, now - first, random.random())  # noqa: S311 (jitter)
            if isinstance(decision, GiveUp):
                return _for_a_person(delivery, outcome)
            return QUEUED, {
                "attempts": attempts,
                "first_attempt_at": first,
                "next_attempt_at": now + decision.seconds,
                "last_error": outcome.reason,
            }


def _for_a_person(delivery: Claimed, outcome: Outcome) -> tuple[DeliveryState, dict[str, object]]:
    values = {"attempts": delivery.attempts + 1, "last_error": outcome.reason}
    return refused_state(delivery.role), values


async def hold_for_changed_mailbox(
    session: AsyncSession, ids: Sequence[int], addresses: Collection[str]
) -> None:
    """Hold the mails under way among these to an office's addresses (lower case) that it has left.

    Whether one that a worker is sending goes out is unknown: the worker loses its lease, so that
    no result, and no further attempt, follows.
    """
    reason = case((_ROWS.c.state == SENDING, MAILBOX_CHANGED_MEANWHILE), else_=MAILBOX_CHANGED)
    await session.execute(
        change_state(*UNDER_WAY, to=DeliveryState.HELD)
        .where(
            _ROWS.c.id.in_(ids),
            _ROWS.c.role == "office",
            func.lower(_ROWS.c.recipient).in_(addresses),
        )
        .values(last_error=reason, lease_owner=None, lease_until=None)
    )


async def release(session: AsyncSession, deliveries: Iterable[Claimed], owner: str) -> None:
    """Return claimed but untried deliveries to the queue."""
    await session.execute(
        change_state(SENDING, to=QUEUED)
        .where(
            _ROWS.c.id.in_([delivery.id for delivery in deliveries]),
            _ROWS.c.lease_owner == owner,
        )
        .values(lease_owner=None, lease_until=None)
    )


async def retry(
    session: AsyncSession, ids: Sequence[int] | None, now: float, *, without_files: bool = False
) -> list[int]:
    """Queue held or failed deliveries again; without ids only those still well addressed.

    `without_files` chooses those with files, which the office's page then gives instead. Old codes
    and alarms are useless, and an office's mail fails only if it was readdressed. A link that ended
    while its mail was held begins anew.

    Raises:
        NotRetried: the page of the files of one of them doesn't open, or not for this office any
            more; nothing was queued.
    """
    waits = and_(
        _ROWS.c.role == "office",
        _ROWS.c.state == DeliveryState.HELD,
        func.coalesce(_ROWS.c.last_error, "").not_in(LEFT_MAILBOX),
    )
    if without_files:
        ids = await _without_files(session, ids or (), now)
        if not ids:
            return []
    chosen = _ROWS.c.id.in_(ids) if ids else or_(waits, _ROWS.c.role == "copy")
    changed = await session.execute(
        change_state(*REFUSED, to=QUEUED)
        .where(chosen, CAN_BE_SENT_AGAIN)
        .values(next_attempt_at=now, first_attempt_at=None, attempts=0, breaks=0)
        .returning(_ROWS.c.id)
    )
    queued = list(changed.scalars())
    await _renew_links(session, queued, now)
    return queued


# A retry in the desk's log, by whether it is without files.
RETRIED = ("mail_retried", "mail_retried_without_files")


class NotRetried(Exception):
    """Nothing was queued; `reason` is a key of `desk_done` in texts.yaml, `id_` the mail's."""

    def __init__(self, reason: str, id_: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.id_ = id_


async def _without_files(session: AsyncSession, ids: Sequence[int], now: float) -> list[int]:
    """Take the files out of refused mails, and return the ids of those that had some."""
    had_files = Delivery.id.in_(ids), Delivery.attached, Delivery.state.in_(REFUSED)
    rows = (
        await session.scalars(
            select(Delivery).where(*had_files, CAN_BE_SENT_AGAIN).with_for_update()
        )
    ).all()
    await _renew_links(session, [row.id for row in rows], now)
    for row in rows:
        if reason := await _closed_page(session, row, now):
            raise NotRetried(reason, row.id)
        row.raw, row.attached = with_files_on_page(row.raw), False
    await session.flush()
    return [row.id for row in rows]


async def _renew_links(session: AsyncSession, ids: Sequence[int], now: float) -> None:
    """Let the links in these offices' mails begin anew if they have ended before they arrived."""
    has_ended = and_(ForwardLink.expires_at <= now, ForwardLink.revoked_at.is_(None))
    of_request = ForwardLink.request_number == Delivery.request_number
    mails = await session.scalars(
        select(Delivery.raw).where(
            Delivery.id.in_(ids), Delivery.role == "office", exists().where(of_request, has_ended)
        )
    )
    in_mails = [hash_of(token) for raw in mails if (token := link_token_in(raw))]
    await session.execute(
        update(ForwardLink)
        .where(ForwardLink.token_hash.in_(in_mails), has_ended)
        .values(expires_at=now + LINK_LIFE.total_seconds())
    )


async def _closed_page(session: AsyncSession, mail: Delivery, now: float) -> str | None:
    """Return the reason why the page behind a mail's link won't give its files, if there is one."""
    of_request = Forward.request_number == mail.request_number
    if await session.scalar(select(exists().where(of_request, Forward.hop > mail.hop))):
        return "passed_on"
    token = link_token_in(mail.raw)  # additions to the same hop have others
    link = await session.get(ForwardLink, hash_of(token)) if token else None
    is_open = link is not None and link.revoked_at is None and now < link.expires_at
    return None if is_open else "no_files_page"


@dataclass(frozen=True)
class OfficeMail:
    """A mail to an office, final to the byte; the copy differs in Reply-To, link, foot, files."""

    hop: int
    office: Office
    message_id: str
    raw: bytes
    copy_raw: bytes
    addition: int = 0
    attached: bool = False


async def queue_mail(
    writing: AsyncSession, request: Request, mail: OfficeMail, mails: MailSettings, at: float
) -> None:
    """Add a delivery for each address of the office and one for the citizen."""
    recipients = [("office", address, mail.raw) for address in mail.office.addresses]
    recipients.append(("copy", request.email, mail.copy_raw))
    rows = (
        queued(
            role,
            mails.envelope_from(mail.message_id, role, recipient),
            recipient,
            (mail.message_id, raw),
            at,
            request.number,
            mail.hop,
            mail.addition,
            attached=mail.attached and role == "office",
        )
        for role, recipient, raw in recipients
    )
    await add(writing, *rows)
