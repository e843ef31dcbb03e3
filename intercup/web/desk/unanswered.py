"""/presidio/senza-risposta: requests whose citizens say that nobody answered."""

import time
from typing import Any

from aiohttp import web

from intercup.domain.addition import AdditionKind
from intercup.domain.italian_time import ROME
from intercup.services.requests.answer import COUNTED, Unanswered, counts, unanswered
from intercup.services.requests.lookup import LISTED
from intercup.texts import TEXTS
from intercup.web.app_keys import DATABASE
from intercup.web.desk.page import desk_page
from intercup.web.desk.place import ROOT

PATH = f"{ROOT}/senza-risposta"


async def show(request: web.Request) -> web.Response:
    """List the requests, and count the answers."""
    async with request.app[DATABASE].read() as reading:
        found = await unanswered(reading)
        numbers = await counts(reading, time.time())
    context = {
        "rows": [_shown(each) for each in found],
        "listed": LISTED,
        "counts": numbers,
        "days": COUNTED,
    }
    return await desk_page(request, "desk_unanswered.html", "unanswered", context)


def _shown(found: Unanswered) -> dict[str, Any]:
    entry = found.entry
    reminders = [added for added in entry.additions if added.kind is AdditionKind.UNANSWERED]
    return {
        "number": entry.request.number,
        "office": entry.office_name,
        "created": entry.request.created_at.astimezone(ROME),
        "told": found.told_at.astimezone(ROME),
        "state_text": entry.state_text,
        "reminder": TEXTS(f"state.{reminders[0].state}") if reminders else "",
    }
