"""/live, /ready and /health: the state of the process and of the service, in numbers only.

Each answers within a second, whatever hangs behind it.
"""

import asyncio
import logging
import socket
import time
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web
from sqlalchemy import func, select

from intercup.db.engine import RETRY_AFTER, Database
from intercup.db.tables import Channel, Delivery
from intercup.domain.delivery import NOT_ARRIVED, UNDER_WAY
from intercup.errors import Unavailable
from intercup.log import SELDOM
from intercup.metrics import (
    ASSISTANT_UP,
    DATABASE_UP,
    OUTBOX,
    OUTBOX_AGE,
    RELAY_UP,
    STRUCTURES_VALID,
)
from intercup.services.chat.probe import Probe
from intercup.services.delivery.alarm import LATE, Watch, tell_of_structures
from intercup.services.structures.structures import Structures
from intercup.web.app_keys import PROBE

CHECK_EVERY = 2.0  # seconds; the pages are public
ANSWER_WITHIN = 0.8  # seconds
WATCH_EVERY = 10.0  # seconds
CHECK_LIMIT = 10.0  # seconds, after which a check that hangs is given up

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outbox:
    """The deliveries that haven't arrived, by state, and the age of an office's oldest one.

    Those that have arrived are as many as a year brings; counting them would read them all.
    """

    outbox: dict[str, int]
    oldest_waiting_seconds: int
    mail_relay: bool


class DatabaseCheck:
    """The check that requests can be registered, one at a time for all who ask."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._check: asyncio.Task[Outbox] | None = None
        self._began_at = 0.0

    async def outbox(self) -> Outbox:
        """Return the state of the outbox at the last check, of a moment ago.

        Raises:
            Unavailable: nothing can be registered, or the database doesn't answer soon.
        """
        check = self._check
        if check is None or (check.done() and self._is_over(check)):
            self._began_at = time.monotonic()
            check = self._check = asyncio.create_task(self._write_and_count())
            check.add_done_callback(lambda task: task.cancelled() or task.exception())
        await asyncio.wait({check}, timeout=ANSWER_WITHIN)
        if not check.done():
            raise Unavailable("database_unavailable", retry_after=RETRY_AFTER)
        return check.result()

    async def close(self) -> None:
        """End the check that still runs."""
        if self._check:
            self._check.cancel()
            await asyncio.wait({self._check})

    def _is_over(self, check: asyncio.Task[Any]) -> bool:
        has_failed = check.cancelled() or check.exception() is not None
        return has_failed or time.monotonic() >= self._began_at + CHECK_EVERY

    async def _write_and_count(self) -> Outbox:
        try:
            async with asyncio.timeout(CHECK_LIMIT):
                await self._database.check_writable()
                return await outbox_of(self._database)
        except TimeoutError as error:
            raise Unavailable("database_unavailable", retry_after=RETRY_AFTER) from error

    async def watch(self, probe: Probe, structures: Structures, watch: Watch) -> None:
        """Keep the metrics of outbox, database, assistant and structures, and raise alarms.

        The worker tells of late mail too, by mail, but it may be the one that hangs; it doesn't
        read the structures.
        """
        host = socket.gethostname()
        while True:
            await asyncio.sleep(WATCH_EVERY)
            ASSISTANT_UP.set(probe.is_up)
            refused = bool(structures.problems)
            STRUCTURES_VALID.set(not refused)
            try:
                found = await self.outbox()
                await tell_of_structures(
                    self._database, watch, host, refused=refused, now=time.time()
                )
            except Unavailable:
                DATABASE_UP.set(0)
            else:
                DATABASE_UP.set(1)
                _set_metrics(found)
                if found.oldest_waiting_seconds > LATE:
                    logger.error(
                        "ALARM mail for an office waits since %d s",
                        found.oldest_waiting_seconds,
                        extra=SELDOM,
                    )


CHECK = web.AppKey("check", DatabaseCheck)


def add_routes(app: web.Application) -> None:
    """Add the three routes."""
    app.router.add_get("/live", live)
    app.router.add_get("/ready", ready)
    app.router.add_get("/health", health)


async def live(_: web.Request) -> web.Response:
    """Answer 200: this process works."""
    return web.json_response({"live": True})


async def ready(request: web.Request) -> web.Response:
    """Answer 200 if requests can be registered, else 503; the assistant is reported only."""
    return await _state(request, with_outbox=False)


async def health(request: web.Request) -> web.Response:
    """Answer like /ready, with the models in use and the state of the mails."""
    return await _state(request, with_outbox=True)


async def _state(request: web.Request, *, with_outbox: bool) -> web.Response:
    probe = request.app[PROBE]
    body: dict[str, object] = {"database": True, "assistant": probe.is_up}
    try:
        outbox = await request.app[CHECK].outbox()
    except Unavailable as error:
        headers = {"Retry-After": str(error.retry_after)}
        return web.json_response(body | {"database": False}, status=503, headers=headers)
    if with_outbox:
        body |= {"models": sorted(set(probe.models)), **asdict(outbox)}
    return web.json_response(body)


def _set_metrics(found: Outbox) -> None:
    for state in NOT_ARRIVED:
        OUTBOX.labels(state.value).set(found.outbox.get(state, 0))
    OUTBOX_AGE.set(found.oldest_waiting_seconds)
    RELAY_UP.set(found.mail_relay)


async def outbox_of(database: Database) -> Outbox:
    """Read the state of the outbox.

    Raises:
        Unavailable: the database failed.
    """
    async with database.read() as session:
        # One query by state: the index of times alone would lead past all that have arrived.
        waiting = func.min(Delivery.created_at).filter(
            Delivery.state.in_(UNDER_WAY), Delivery.role == "office"
        )
        found = await session.execute(
            select(Delivery.state, func.count(), waiting)
            .where(Delivery.state.in_(NOT_ARRIVED))
            .group_by(Delivery.state)
        )
        failing_since = await session.scalar(select(Channel.failing_since))
    rows = found.all()
    oldest = min((at for *_, at in rows if at is not None), default=None)
    return Outbox(
        outbox={state: count for state, count, _ in rows},
        oldest_waiting_seconds=round(max(0.0, time.time() - oldest)) if oldest else 0,
        mail_relay=failing_since is None,
    )
