"""Look up registered requests and how their mails are doing."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from intercup.db.engine import Database
from intercup.db.tables import Delivery, Request
from intercup.domain.request import RegisteredRequest
from intercup.services.delivery_news import overall_state
from intercup.services.submit_request import registered

LISTED = 50  # requests


@dataclass(frozen=True)
class RequestWithState:
    """A request and the state of the office's mail: queued, sent or held."""

    request: RegisteredRequest
    state: str


async def requests_of(database: Database, person_key: str) -> list[RequestWithState]:
    """List a person's requests, newest first."""
    return await requests_where(database, Request.person_key == person_key)


async def requests_where(
    database: Database, condition: ColumnElement[bool]
) -> list[RequestWithState]:
    """List the requests that meet a condition, newest first."""
    async with database.read() as session:
        rows = (
            await session.scalars(
                select(Request).where(condition).order_by(Request.created_at.desc()).limit(LISTED)
            )
        ).all()
        found = await session.execute(
            select(Delivery.request_number, Delivery.state).where(
                Delivery.request_number.in_([row.number for row in rows]),
                Delivery.role == "office",
            )
        )
        states: dict[str | None, set[str]] = {}
        for row in found:
            states.setdefault(row.request_number, set()).add(row.state)
    return [
        RequestWithState(registered(row), overall_state(states.get(row.number, ()))) for row in rows
    ]
