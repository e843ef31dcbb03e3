"""/health: the state of the service, in numbers only."""

import time

from aiohttp import web
from sqlalchemy import func, select

from intercup.db.engine import Database
from intercup.db.tables import Channel, Delivery
from intercup.domain.delivery import UNDER_WAY
from intercup.errors import Unavailable
from intercup.web.app_keys import DATABASE, RASA

CHECK_EVERY = 2.0  # seconds


class WriteCheck:
    """The check that requests can be registered, cached as the page is public."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._fine_until = 0.0

    async def check(self) -> None:
        """Write, unless the last write succeeded a moment ago.

        Raises:
            Unavailable: the disk is full or fails.
        """
        now = time.monotonic()
        if now >= self._fine_until:
            await self._database.check_writable()
            self._fine_until = now + CHECK_EVERY


WRITING = web.AppKey("writing", WriteCheck)


async def health(request: web.Request) -> web.Response:
    """Answer 200 if requests can be registered, else 503; other states are reported only."""
    body: dict[str, object] = {"assistant": await request.app[RASA].is_up()}
    try:
        await request.app[WRITING].check()
        body |= await _outbox(request)
    except Unavailable as error:
        return web.json_response(
            {"database": False, **body}, status=503, headers={"Retry-After": str(error.retry_after)}
        )
    return web.json_response({"database": True, **body})


async def _outbox(request: web.Request) -> dict[str, object]:
    async with request.app[DATABASE].read() as session:
        counted = await session.execute(
            select(Delivery.state, func.count()).group_by(Delivery.state)
        )
        oldest = await session.scalar(
            select(func.min(Delivery.created_at)).where(
                Delivery.state.in_(UNDER_WAY), Delivery.role == "office"
            )
        )
        failing_since = await session.scalar(select(Channel.failing_since))
    return {
        "outbox": {row[0]: row[1] for row in counted},
        "oldest_waiting_seconds": round(max(0.0, time.time() - oldest)) if oldest else 0,
        "mail_relay": failing_since is None,
    }
