"""The desk's list: deliveries that haven't arrived, and the relay's state; no mail, no citizen."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.tables import Channel, Delivery, Forward, Request
from intercup.domain.delivery import LEFT_MAILBOX, NOT_ARRIVED, READDRESSED, DeliveryState
from intercup.services.delivery.channel import RELAY
from intercup.services.delivery.outbox import CAN_BE_SENT_AGAIN

_OFFICE: ColumnElement[Any] = func.coalesce(Forward.to_office, Request.office_name, "")


@dataclass(frozen=True)
class Row:
    """A delivery; `office` has the request at its hop, and is empty for codes and alarms."""

    id: int
    number: str | None
    role: str
    hop: int
    addition: int
    state: DeliveryState
    office: str
    attempts: int
    error: str
    since: float
    next_attempt_at: float
    sent_at: float | None
    can_be_sent_again: bool
    attached: bool


@dataclass(frozen=True)
class Relay:
    """The relay's state; `failing_since` is None while it accepts mails."""

    failing_since: float | None
    paused_until: float
    error: str


async def waiting(
    reading: AsyncSession,
    states: Collection[DeliveryState] = NOT_ARRIVED,
    office: str = "",
    limit: int | None = None,
) -> list[Row]:
    """List the deliveries in these states, the oldest first; of one office, if it is named."""
    query = _rows().where(Delivery.state.in_(states)).order_by(Delivery.id).limit(limit)
    return await _read(reading, query.where(_OFFICE.in_([office])) if office else query)


async def offices_waiting(reading: AsyncSession) -> list[tuple[str, int]]:
    """List the offices with mails that haven't arrived, and their number."""
    query = (
        _joined(select(_OFFICE, func.count()))
        .where(Delivery.state.in_(NOT_ARRIVED), _OFFICE != "")
        .group_by(_OFFICE)
        .order_by(_OFFICE)
    )
    return [(name, count) for name, count in await reading.execute(query)]


async def deliveries_of(reading: AsyncSession, number: str) -> list[Row]:
    """List all deliveries of a request, in the order of its hops."""
    of_request = _rows().where(Delivery.request_number == number)
    return await _read(reading, of_request.order_by(Delivery.hop, Delivery.id))


async def relay_state(reading: AsyncSession) -> Relay:
    """Return the relay's state."""
    row = await reading.get_one(Channel, RELAY)
    return Relay(row.failing_since, row.paused_until, row.last_error or "")


def reason_of(row: Row, relay: Relay) -> str:
    """Return the key, in `delivery_reason` of texts.yaml, of the reason why a mail waits."""
    if row.error in (READDRESSED, *LEFT_MAILBOX, "erased"):
        return row.error
    if row.error.startswith("bounce"):
        return "bounced"
    match row.state:
        case DeliveryState.HELD | DeliveryState.FAILED:
            return "refused" if row.error.rpartition(" ")[2].startswith("5") else "gave_up"
        case DeliveryState.SENDING:
            return "sending"
        case _ if relay.failing_since is not None:
            return "relay"
    return "later" if row.error else "new"


def _rows() -> Select[*tuple[Any, ...]]:
    columns = (
        *(Delivery.id, Delivery.request_number, Delivery.role, Delivery.hop, Delivery.addition),
        *(Delivery.state, _OFFICE, Delivery.attempts, func.coalesce(Delivery.last_error, "")),
        *(Delivery.created_at, Delivery.next_attempt_at, Delivery.sent_at, CAN_BE_SENT_AGAIN),
        Delivery.attached,
    )
    return _joined(select(*columns))


def _joined(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    is_hop = (Forward.request_number == Delivery.request_number) & (Forward.hop == Delivery.hop)
    return (
        query.select_from(Delivery)
        .outerjoin(Request, Request.number == Delivery.request_number)
        .outerjoin(Forward, is_hop)
    )


async def _read(reading: AsyncSession, query: Select[*tuple[Any, ...]]) -> list[Row]:
    return [Row(*row) for row in await reading.execute(query)]
