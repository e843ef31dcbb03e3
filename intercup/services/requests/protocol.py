"""Protocol numbers: those that the administration's register gives, and requests without one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from itertools import batched

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import Request
from intercup.domain.italian_time import ROME
from intercup.domain.protocol import Protocol, read_protocol
from intercup.services.staff.log import note

AT_ONCE = 200  # lines a transaction


class Result(Enum):
    """The outcome of a line of the register."""

    SET = "set"
    SAME = "same"
    REPLACED = "replaced"
    EMPTY = "empty"  # neither number nor day
    MALFORMED = "malformed"
    IMPOSSIBLE_DAY = "impossible_day"  # before the request, or in the future
    UNKNOWN = "unknown"  # no request, or an erased person's
    OTHER = "other"  # the request has another number


@dataclass(frozen=True)
class Entry:
    """A line of the register, as it was written; `line` is its number in the file."""

    line: int
    request: str
    number: str
    day: str


@dataclass(frozen=True)
class Unprotocolled:
    """A request without a protocol number."""

    number: str
    created_at: float
    category: str
    structure: str | None
    office: str


def stored_protocol(row: Request) -> Protocol | None:
    """Return a request's protocol number, if it has one."""
    if row.protocol_number is None or row.protocol_day is None:
        return None
    return Protocol(row.protocol_number, date.fromisoformat(row.protocol_day))


async def set_protocols(
    database: Database,
    entries: Sequence[Entry],
    who: str,
    now: datetime,
    *,
    replaces: bool = False,
) -> list[Result]:
    """Store the numbers and return each line's outcome.

    The same line again changes nothing. Only with `replaces` a number takes the place of another.

    Raises:
        Unavailable: the database failed; some lines may be stored.
    """
    results = []
    for some in batched(entries, AT_ONCE, strict=False):
        async with database.write() as writing:
            results += [await _set(writing, each, who, now, replaces=replaces) for each in some]
    return results


async def _set(
    writing: AsyncSession, entry: Entry, who: str, now: datetime, *, replaces: bool
) -> Result:
    if not entry.number and not entry.day:
        return Result.EMPTY
    try:
        protocol = read_protocol(entry.number, entry.day)
    except ValueError:
        return Result.MALFORMED
    row = await writing.get(Request, entry.request, with_for_update=True)
    if row is None or not row.person_key:
        return Result.UNKNOWN
    registered = datetime.fromtimestamp(row.created_at, UTC).astimezone(ROME).date()
    if not registered <= protocol.day <= now.astimezone(ROME).date():
        return Result.IMPOSSIBLE_DAY
    stored = stored_protocol(row)
    if stored == protocol:
        return Result.SAME
    if stored and not replaces:
        return Result.OTHER
    row.protocol_number, row.protocol_day = protocol.number, protocol.day.isoformat()
    # The number isn't noted: the log outlives an erasure.
    action = "protocol_replaced" if stored else "protocol_set"
    note(writing, who, action, now.timestamp(), row.number)
    return Result.REPLACED if stored else Result.SET


async def without_protocol(reading: AsyncSession) -> list[Unprotocolled]:
    """List the requests that the register hasn't numbered, the oldest first."""
    columns = (Request.number, Request.created_at, Request.category, Request.structure)
    rows = await reading.execute(
        select(*columns, Request.office_name)
        .where(Request.protocol_number.is_(None), Request.person_key != "")
        .order_by(Request.created_at, Request.number)
    )
    return [Unprotocolled(*row) for row in rows]


def entries_of(lines: Iterable[tuple[int, Sequence[str]]]) -> Iterator[Entry]:
    """Read the first three fields of each numbered line; missing ones are empty."""
    for line, fields in lines:
        request, number, day, *_ = (*(field.strip() for field in fields), "", "", "")
        yield Entry(line, request.upper(), number, day)
