"""Members of the team: stored by the key of their fiscal number, never the number itself."""

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.tables import StaffMember
from intercup.domain.staff import Member, Role

NAME_MAX = 80  # characters


class NameTaken(Exception):
    """Another member has this name, which must tell them apart in the log."""


async def add(
    writing: AsyncSession, person_key: str, name: str, roles: Iterable[Role], now: float
) -> bool:
    """Add a member; one who is already there gets the new name and roles. True if new.

    Raises:
        NameTaken: nothing was changed.
    """
    namesake = await writing.scalar(select(StaffMember).where(StaffMember.name == name))
    if namesake and namesake.person_key != person_key:
        raise NameTaken
    known = await writing.get(StaffMember, person_key)
    row = known or StaffMember(person_key=person_key, created_at=now)
    row.name, row.roles = name, " ".join(sorted(roles))
    writing.add(row)
    return known is None


async def remove(writing: AsyncSession, name: str) -> bool:
    """Remove a member with all sessions; False if there is none of this name."""
    gone = await writing.execute(
        delete(StaffMember).where(StaffMember.name == name).returning(StaffMember.name)
    )
    return gone.one_or_none() is not None


async def members(reading: AsyncSession) -> list[tuple[Member, float]]:
    """List the members by name, each with the time since which they are."""
    rows = await reading.scalars(select(StaffMember).order_by(StaffMember.name))
    return [(member_of(row.name, row.roles), row.created_at) for row in rows]


async def is_member(reading: AsyncSession, person_key: str) -> bool:
    """Return True if the person belongs to the team."""
    return await reading.get(StaffMember, person_key) is not None


def member_of(name: str, roles: str) -> Member:
    """Read a stored member; a role of a newer version counts for nothing."""
    return Member(name, frozenset(Role(role) for role in roles.split() if role in set(Role)))
