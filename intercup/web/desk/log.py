"""/presidio/registro: what was looked at and changed."""

from datetime import datetime

from aiohttp import web

from intercup.domain.italian_time import ROME
from intercup.services.staff.log import LISTED, events
from intercup.texts import TEXTS
from intercup.web.app_keys import DATABASE
from intercup.web.desk.page import desk_page


async def show(request: web.Request) -> web.Response:
    """List the newest entries of the log."""
    async with request.app[DATABASE].read() as reading:
        found = await events(reading)
    entries = [
        {
            "at": datetime.fromtimestamp(event.at, ROME),
            "who": event.who,
            "action": TEXTS(f"desk_action.{event.action}"),
            "subject": event.subject,
            "detail": event.detail,
        }
        for event in found
    ]
    context = {"entries": entries, "listed": LISTED}
    return await desk_page(request, "desk_log.html", "log", context)
