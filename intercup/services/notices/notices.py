"""Notices with a beginning and an end, in force in every process within CHECK_EVERY."""

import asyncio
import logging
import time
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import NoticeRow
from intercup.domain.directory import Directory
from intercup.errors import Unavailable
from intercup.log import SELDOM

CHECK_EVERY = 2.0  # seconds
TEXT_MIN, TEXT_MAX = 10, 300  # characters
FIRST, LAST = 946_684_800.0, 7_258_118_400.0  # the years 2000 and 2200, as dates can show them

logger = logging.getLogger(__name__)


class Kind(StrEnum):
    """The place of a notice; a closed chat says its text as the reason."""

    PAGES = "pages"
    CHAT = "chat"
    CATEGORY = "category"
    STRUCTURE = "structure"


@dataclass(frozen=True)
class Notice:
    """A notice; `target` is the id of its structure or category, `ends_at` None is no end."""

    kind: Kind
    target: str
    text: str
    starts_at: float
    ends_at: float | None
    id: int = 0

    def is_in_force(self, now: float) -> bool:
        """Return True between its beginning and its end."""
        return self.starts_at <= now and (self.ends_at is None or now < self.ends_at)

    @property
    def where(self) -> str:
        """The place as forms and commands write it, like `pages` or `structure:asp_trapani`."""
        return f"{self.kind}:{self.target}" if self.target else str(self.kind)


class Notices:
    """A process's notices; `watch` keeps them up to date with the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: tuple[Notice, ...] = ()

    def texts(self, kind: Kind, target: str | None = "") -> list[str]:
        """Return the texts in force at a place."""
        return [n.text for n in self.in_force(kind) if n.target == target]

    def in_force(self, kind: Kind) -> list[Notice]:
        """Return the notices of a kind in force now."""
        now = time.time()
        return [notice for notice in self._known if notice.kind == kind and notice.is_in_force(now)]

    async def look(self) -> None:
        """Read the notices that aren't over; without a database the old ones stay."""
        try:
            async with self._database.read() as reading:
                self._known = tuple(await not_over(reading, time.time()))
        except Unavailable:
            return

    async def watch(self) -> None:
        """Read them every few seconds, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(CHECK_EVERY)


def _is_not_over(now: float) -> ColumnElement[bool]:
    return or_(NoticeRow.ends_at.is_(None), NoticeRow.ends_at > now)


async def not_over(reading: AsyncSession, now: float) -> list[Notice]:
    """List the notices in force or still to come, in the order of their beginning.

    One of a kind that only a newer version knows is left out.
    """
    rows = await reading.scalars(
        select(NoticeRow).where(_is_not_over(now)).order_by(NoticeRow.starts_at, NoticeRow.id)
    )
    found = []
    for row in rows:
        if row.kind in set(Kind):
            kind = Kind(row.kind)
            found.append(Notice(kind, row.target, row.text, row.starts_at, row.ends_at, row.id))
        else:
            logger.warning("notice %d of an unknown kind is left out", row.id, extra=SELDOM)
    return found


def problems_of_notice(
    where: str, text: str, starts_at: float, ends_at: float | None, directory: Directory
) -> dict[str, str]:
    """Return the key of each field's problem; empty if the notice can be stored."""
    problems = {}
    kind, _, target = where.partition(":")
    places: dict[str, set[str]] = {
        Kind.CATEGORY: {*directory.category_by_id},
        Kind.STRUCTURE: {*directory.structure_by_id},
        Kind.PAGES: {""},
        Kind.CHAT: {""},
    }
    if target not in places.get(kind, ()):
        problems["where"] = "where_missing"
    if not TEXT_MIN <= len(text) <= TEXT_MAX or not text.isprintable():
        problems["text"] = "text_length"
    if ends_at is not None and ends_at <= max(starts_at, time.time()):
        problems["ends"] = "ends_early"
    for name, moment in (("starts", starts_at), ("ends", ends_at)):
        if moment is not None and not FIRST <= moment < LAST:
            problems[name] = "moment_unreadable"
    return problems


def add(
    writing: AsyncSession, where: str, text: str, starts_at: float, ends_at: float | None
) -> None:
    """Store a notice without problems."""
    kind, _, target = where.partition(":")
    writing.add(
        NoticeRow(kind=kind, target=target, text=text, starts_at=starts_at, ends_at=ends_at)
    )


async def end(writing: AsyncSession, id_: int, now: float) -> bool:
    """End a notice now; False if there is none, or it is over."""
    ended = await writing.execute(
        update(NoticeRow)
        .where(NoticeRow.id == id_, _is_not_over(now))
        .values(ends_at=now)
        .returning(NoticeRow.id)
    )
    return ended.one_or_none() is not None
