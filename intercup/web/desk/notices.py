"""/presidio/avvisi: notices on pages and in the chat, and the switch that closes the chat."""

import time
from datetime import datetime

from aiohttp import web

from intercup.domain.italian_time import ROME
from intercup.errors import InvalidInput
from intercup.services.notices import notices
from intercup.services.notices.notices import TEXT_MAX, Notice
from intercup.services.structures.stored import category_of, structure_name_of
from intercup.texts import TEXTS
from intercup.web.app_keys import DATABASE, NOTICES, STRUCTURES
from intercup.web.desk.deliveries import done
from intercup.web.desk.page import desk_page, note_change
from intercup.web.desk.place import ROOT
from intercup.web.form_fields import read_fields
from intercup.web.render import see_other

PATH = f"{ROOT}/avvisi"
MOMENT = "%d/%m/%Y %H:%M"
FIELDS = ("where", "text", "starts", "ends")


async def show(request: web.Request) -> web.Response:
    """List the notices in force and to come, with the form of a new one."""
    return await _page(request, {}, {})


async def post(request: web.Request) -> web.Response:
    """Store a notice, or show the form again with its problems."""
    values = await read_fields(request, FIELDS)
    text, where = values["text"].strip(), values["where"]
    starts, ends = (_moment(values[name]) for name in ("starts", "ends"))
    starts_at = time.time() if starts is None else starts
    directory = request.app[STRUCTURES].directory
    problems = notices.problems_of_notice(where, text, starts_at, ends, directory)
    for name, moment in (("starts", starts), ("ends", ends)):
        if moment is None and values[name]:
            problems[name] = "moment_unreadable"
    if problems:
        errors = {field: TEXTS(f"notice_problem.{key}") for field, key in problems.items()}
        return await _page(request, values, errors, InvalidInput.status)
    async with request.app[DATABASE].write() as writing:
        notices.add(writing, where, text, starts_at, ends)
        note_change(request, writing, "notice_added", where, text)
    await request.app[NOTICES].look()
    outcome = "notice_planned" if starts_at > time.time() else "notice_added"
    return see_other(f"{PATH}?done={outcome}")


async def post_end(request: web.Request) -> web.Response:
    """End a notice."""
    id_ = int(request.match_info["id"])
    async with request.app[DATABASE].write() as writing:
        ended = await notices.end(writing, id_, time.time())
        if ended:
            note_change(request, writing, "notice_ended", str(id_))
    await request.app[NOTICES].look()
    return see_other(f"{PATH}?done={'notice_ended' if ended else 'notice_gone'}")


def _moment(typed: str) -> float | None:
    """Read a typed Italian date and time; None if it can't be read."""
    try:
        return datetime.strptime(typed.strip(), MOMENT).replace(tzinfo=ROME).timestamp()
    except ValueError:
        return None


async def _page(
    request: web.Request, values: dict[str, str], errors: dict[str, str], status: int = 200
) -> web.Response:
    now = time.time()
    directory = request.app[STRUCTURES].directory
    async with request.app[DATABASE].read() as reading:
        found = await notices.not_over(reading, now)
    context = {
        "notices_listed": [_shown(request, notice, now) for notice in found],
        "categories": directory.categories,
        "structures": directory.structures_by_province,
        "values": values,
        "errors": errors,
        "text_max": TEXT_MAX,
        "done": done(request),
    }
    return await desk_page(request, "desk_notices.html", "notices", context, status)


def _shown(request: web.Request, notice: Notice, now: float) -> dict[str, object]:
    directory = request.app[STRUCTURES].directory
    place = TEXTS(f"notice_place.{notice.kind}")
    if notice.kind == notices.Kind.STRUCTURE:
        place = structure_name_of(directory, notice.target) or place
    if notice.kind == notices.Kind.CATEGORY:
        place = category_of(directory, notice.target).label
    return {
        "id": notice.id,
        "place": place,
        "text": notice.text,
        "starts": datetime.fromtimestamp(notice.starts_at, ROME),
        "ends": datetime.fromtimestamp(notice.ends_at, ROME) if notice.ends_at else None,
        "is_in_force": notice.is_in_force(now),
    }
