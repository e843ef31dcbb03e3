"""Queries on registered requests, with the state of their mails and their hops."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, false, select
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import Delivery, Forward, OfficeMark, Request
from intercup.domain.delivery import DeliveryState, overall_state
from intercup.domain.forwarding import Hop
from intercup.domain.italian_time import italian_day
from intercup.domain.office_state import Marked, OfficeState
from intercup.domain.request import RegisteredRequest
from intercup.services.login.sessions import Session
from intercup.services.requests.submit import registered
from intercup.texts import TEXTS

LISTED = 50  # requests


@dataclass(frozen=True)
class RequestWithState:
    """A request, its hops, and of the newest office: the mail's state and the office's own."""

    request: RegisteredRequest
    state: DeliveryState
    hops: tuple[Hop, ...] = ()
    copy_failed: bool = False
    marked: Marked | None = None

    @property
    def shown_state(self) -> str:
        """The newest state: the office's own, else its mail's (queued, sent or held)."""
        return self.marked.state if self.marked else self.state

    @property
    def state_text(self) -> str:
        """The sentence for the newest state."""
        day = italian_day(self.marked.at) if self.marked else ""
        return TEXTS(f"state.{self.shown_state}", day=day)


async def requests_of(database: Database, person_key: str) -> list[RequestWithState]:
    """List a person's requests, newest first."""
    return await requests_where(database, Request.person_key == person_key)


async def request_of(database: Database, session: Session, number: str) -> RequestWithState | None:
    """Return a request of the session's citizen or conversation; None for another one's."""
    mine: ColumnElement[bool] = false()
    if session.citizen:
        mine |= Request.person_key == session.citizen.person_key
    if session.conversation_id:
        mine |= Request.conversation_id == session.conversation_id
    found = await requests_where(database, and_(Request.number == number, mine))
    return next(iter(found), None)


async def requests_where(
    database: Database, condition: ColumnElement[bool]
) -> list[RequestWithState]:
    """List the requests that meet a condition, newest first."""
    async with database.read() as session:
        return await read_requests(session, condition)


async def read_requests(
    reading: AsyncSession, condition: ColumnElement[bool]
) -> list[RequestWithState]:
    """List the requests that meet a condition, newest first."""
    rows = (
        await reading.scalars(
            select(Request).where(condition).order_by(Request.created_at.desc()).limit(LISTED)
        )
    ).all()
    numbers = [row.number for row in rows]
    states, hops = await _states_of_mails(reading, numbers), await _hops(reading, numbers)
    marks = await _marks(reading, numbers)
    found = []
    for row in rows:
        passed = tuple(hops.get(row.number, ()))
        state = overall_state(states.get((row.number, "office", len(passed)), ()))
        copies = [states.get((row.number, "copy", hop), ()) for hop in range(len(passed) + 1)]
        copy_failed = any(DeliveryState.FAILED in of_hop for of_hop in copies)
        marked = marks.get((row.number, len(passed)))
        found.append(RequestWithState(registered(row), state, passed, copy_failed, marked))
    return found


async def _states_of_mails(
    reading: AsyncSession, numbers: Collection[str]
) -> dict[tuple[str | None, str, int], set[DeliveryState]]:
    rows = await reading.execute(
        select(Delivery.request_number, Delivery.role, Delivery.hop, Delivery.state).where(
            Delivery.request_number.in_(numbers), Delivery.role.in_(("office", "copy"))
        )
    )
    states: dict[tuple[str | None, str, int], set[DeliveryState]] = {}
    for number, role, hop, state in rows:
        states.setdefault((number, role, hop), set()).add(state)
    return states


async def _hops(reading: AsyncSession, numbers: Collection[str]) -> dict[str, list[Hop]]:
    rows = await reading.scalars(
        select(Forward).where(Forward.request_number.in_(numbers)).order_by(Forward.hop)
    )
    hops: dict[str, list[Hop]] = {}
    for row in rows:
        at = datetime.fromtimestamp(row.created_at, UTC)
        hops.setdefault(row.request_number, []).append(Hop(row.from_office, row.to_office, at))
    return hops


async def _marks(reading: AsyncSession, numbers: Collection[str]) -> dict[tuple[str, int], Marked]:
    rows = await reading.scalars(select(OfficeMark).where(OfficeMark.request_number.in_(numbers)))
    return {
        (row.request_number, row.hop): Marked(
            OfficeState(row.state), datetime.fromtimestamp(row.marked_at, UTC)
        )
        for row in rows
    }
