"""/presidio/registro: what was looked at and changed."""

from datetime import datetime

from aiohttp import web

from intercup.domain.italian_time import ROME
from intercup.services.ids import short
from intercup.services.staff.log import LISTED, events
from intercup.texts import TEXTS
from intercup.web.app_keys import DATABASE
from intercup.web.desk.page import desk_page

ABOUT_SENTENCES = frozenset(  # named by ids that are keys, too long to read
    ("example_added", "sentence_removed", "sentence_moved", "sentence_put_back", "sentences_undo")
)


async def show(request: web.Request) -> web.Response:
    """List the newest entries of the log."""
    async with request.app[DATABASE].read() as reading:
        found = await events(reading)
    entries = [
        {
            "at": datetime.fromtimestamp(event.at, ROME),
            "who": event.who,
            "action": TEXTS(f"desk_action.{event.action}"),
            "subject": short(event.subject) if event.action in ABOUT_SENTENCES else event.subject,
            "detail": event.detail,
        }
        for event in found
    ]
    context = {"entries": entries, "listed": LISTED}
    return await desk_page(request, "desk_log.html", "log", context)
