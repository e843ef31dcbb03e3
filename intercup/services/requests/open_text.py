"""A request's text opened by the technical team: for a reason, which is logged first."""

import time

from intercup.db.engine import Database
from intercup.db.tables import Request
from intercup.errors import Incomplete, NotFound
from intercup.services.requests.lookup import read_requests
from intercup.services.requests.submit import labelled
from intercup.services.staff.log import note

REASON_MIN, REASON_MAX = 10, 200  # characters


class NoReason(Incomplete):
    """A reason that is too short or too long."""


async def open_text(
    database: Database, who: str, number: str, reason: str
) -> tuple[tuple[str, str], ...]:
    """Return the citizen's texts with their labels.

    Raises:
        NoReason: nothing was opened.
        NotFound: there is no such request.
    """
    reason = reason.strip()
    if not REASON_MIN <= len(reason) <= REASON_MAX:
        raise NoReason({"reason": "reason"})
    async with database.write() as writing:
        found = await read_requests(writing, Request.number == number)
        if not found:
            raise NotFound("not_found")
        note(writing, who, "text_opened", time.time(), number, reason)
    return labelled(found[0].request.texts)
