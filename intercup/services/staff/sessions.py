"""Sessions at the desk: shorter than a citizen's, and apart from it."""

from sqlalchemy import ColumnElement, delete, or_, select, update

from intercup.db.engine import Database
from intercup.db.tables import StaffMember, StaffSession
from intercup.domain.staff import Member
from intercup.services.ids import hash_of, new_id
from intercup.services.login.sessions import SEEN_EVERY
from intercup.services.staff.members import is_member, member_of

IDLE_LIMIT = 15 * 60.0  # seconds
ABSOLUTE_LIMIT = 8 * 3600.0  # seconds
ENTRY_LIMIT = 60.0  # seconds from the login to the desk's own host


ENTRY = "entry:"  # before the hash of a token that is no cookie yet


async def open_session(
    database: Database, person_key: str, now: float, *, for_entry: bool = False
) -> str | None:
    """Create a member's session and return its cookie; None for anybody else.

    A token `for_entry` opens nothing: `take_over` exchanges it for the cookie.
    """
    cookie = new_id()
    async with database.write() as session:
        if not await is_member(session, person_key):
            return None
        id_hash = f"{ENTRY if for_entry else ''}{hash_of(cookie)}"
        row = StaffSession(id_hash=id_hash, person_key=person_key, created_at=now, seen_at=now)
        session.add(row)
    return cookie


async def take_over(database: Database, token: str, now: float) -> str | None:
    """Exchange the token of a login made just now for a cookie, once."""
    fresh = new_id()
    async with database.write() as session:
        changed = await session.execute(
            update(StaffSession)
            .where(
                StaffSession.id_hash == f"{ENTRY}{hash_of(token)}",
                StaffSession.created_at.between(now - ENTRY_LIMIT, now),
            )
            .values(id_hash=hash_of(fresh))
            .returning(StaffSession.id_hash)
        )
        return fresh if changed.one_or_none() else None


async def find(database: Database, cookie: str | None, now: float) -> Member | None:
    """Return the cookie's member, with today's roles, and count this as activity."""
    if not cookie:
        return None
    found = select(StaffMember.name, StaffMember.roles, StaffSession.seen_at).join(StaffSession)
    mine = StaffSession.id_hash == hash_of(cookie)
    async with database.read() as session:
        row = (await session.execute(found.where(mine, ~session_ended(now)))).one_or_none()
    if row is None:
        return None
    if now - row.seen_at > SEEN_EVERY:
        async with database.write() as session:
            await session.execute(update(StaffSession).where(mine).values(seen_at=now))
    return member_of(row.name, row.roles)


async def end_session(database: Database, cookie: str | None) -> None:
    """End the cookie's session."""
    async with database.write() as session:
        mine = StaffSession.id_hash == hash_of(cookie or "")
        await session.execute(delete(StaffSession).where(mine))


def session_ended(now: float) -> ColumnElement[bool]:
    """Choose sessions beyond one of their limits."""
    return or_(
        StaffSession.created_at < now - ABSOLUTE_LIMIT, StaffSession.seen_at < now - IDLE_LIMIT
    )
