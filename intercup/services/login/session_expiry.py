"""A session's limits and its end: read without counting as activity, postponed on request."""

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select, update

from intercup.db.engine import Database
from intercup.db.tables import BrowserSession
from intercup.services.ids import hash_of

IDLE_LIMIT = 30 * 60.0  # seconds, once logged in
ABSOLUTE_LIMIT = 8 * 3600.0  # seconds

type State = Literal["open", "expired", "none"]
PROLONGED_MIN = 60.0  # seconds; a session isn't worth prolonging by less


@dataclass(frozen=True)
class SessionEnd:
    """Time left in a citizen's session. "none": there is none, or it was logged out."""

    state: State
    seconds_left: int = 0
    prolongable: bool = False  # False if the absolute limit ends the session


def is_over(row: Any, now: float) -> bool:
    """Return True if a stored session has reached one of its limits."""
    is_idle = row.person_key is not None and now - row.seen_at > IDLE_LIMIT
    return bool(is_idle or now - row.created_at > ABSOLUTE_LIMIT)


async def session_end(database: Database, cookie: str | None, now: float) -> SessionEnd:
    """Return the end of a cookie's session, without counting as activity."""
    if not cookie:
        return SessionEnd("none")
    async with database.read() as session:
        row = await session.scalar(
            select(BrowserSession).where(BrowserSession.id_hash == hash_of(cookie))
        )
    if row is None or not row.person_key:
        return SessionEnd("none")
    return SessionEnd("expired") if is_over(row, now) else _open(row, now)


def _open(row: Any, now: float) -> SessionEnd:
    idle_end, last_end = row.seen_at + IDLE_LIMIT, row.created_at + ABSOLUTE_LIMIT
    left = min(idle_end, last_end) - now
    # After a clock set back the time left must not exceed a whole session.
    return SessionEnd("open", int(min(left, IDLE_LIMIT)), last_end - idle_end >= PROLONGED_MIN)


async def prolong(database: Database, cookie: str | None, now: float) -> SessionEnd:
    """Count the request as activity; an ended session stays ended."""
    if not cookie:
        return SessionEnd("none")
    async with database.write() as session:
        await session.execute(
            update(BrowserSession)
            .where(
                BrowserSession.id_hash == hash_of(cookie),
                BrowserSession.person_key.is_not(None),
                BrowserSession.seen_at >= now - IDLE_LIMIT,
                BrowserSession.created_at >= now - ABSOLUTE_LIMIT,
            )
            .values(seen_at=now)
        )
    return await session_end(database, cookie, now)
