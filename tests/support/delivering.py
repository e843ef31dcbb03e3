"""The worker's deliveries, at a time of the test's choice."""

import asyncio
import time
from collections.abc import Callable

from intercup.db.engine import Database
from intercup.mail.smtp_address import SmtpAddress
from intercup.services.delivery.deliver import deliver_due

OFFICE = "cup@asptrapani.it"
LATER = 2 * 3600.0  # seconds; more than the longest wait


async def deliver(database: Database, url: str, after: float = 1.0) -> int:
    """Deliver as a worker would this many seconds from now."""
    return await deliver_due(
        database, SmtpAddress.parse(url), "worker", lambda: time.time() + after
    )


async def until(happened: Callable[[], bool], limit: float = 10.0) -> None:
    async with asyncio.timeout(limit):
        while not happened():  # noqa: ASYNC110 (it happens outside of this program)
            await asyncio.sleep(0.02)
