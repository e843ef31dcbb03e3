"""The desk's log: who looked at or changed what, and when. Rows are added, never changed.

Retention deletes them (services/privacy/retention.py). `subject` is a number, an id or a hash.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.tables import DeskEvent

LISTED = 200  # events


@dataclass(frozen=True)
class Event:
    """An entry of the log; `action` is a key of `desk_action` in texts.yaml."""

    at: float
    who: str
    action: str
    subject: str
    detail: str


def note(
    writing: AsyncSession, who: str, action: str, now: float, subject: str = "", detail: str = ""
) -> None:
    """Add an entry, in the transaction of the change or before what is looked at is shown."""
    writing.add(DeskEvent(at=now, who=who, action=action, subject=subject, detail=detail))


async def events(reading: AsyncSession, limit: int = LISTED) -> list[Event]:
    """List the newest entries, newest first."""
    rows = await reading.scalars(select(DeskEvent).order_by(DeskEvent.id.desc()).limit(limit))
    return [Event(row.at, row.who, row.action, row.subject, row.detail) for row in rows]
