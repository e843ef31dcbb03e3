"""/presidio/strutture: mailboxes, names and places of the structures, changed without a release."""

import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.domain.delivery import DeliveryState
from intercup.domain.directory import Directory, OutsidePlace
from intercup.domain.italian_time import ROME
from intercup.domain.staff import Role
from intercup.domain.structure_names import resolve_structure
from intercup.errors import ConfigurationError, InvalidInput, NotFound, StaleChoice
from intercup.services.delivery.desk_list import waiting
from intercup.services.structures.changes import (
    Changing,
    NotChanged,
    Waiting,
    change,
    check,
    confirm,
    prove,
    send_again,
    sent_codes,
    waiting_change,
    waiting_fields,
    withdraw,
)
from intercup.services.structures.fields import (
    CENTRAL,
    EMERGENCY,
    OFFICES,
    OUTSIDE,
    Values,
    fields_of,
    is_mailbox_field,
    office_of,
    with_values,
)
from intercup.services.structures.structures_file import NAMES_MAX, directory_of
from intercup.services.structures.versions import (
    Corrected,
    add_outside,
    all_corrected,
    as_values,
    history,
    problems_with,
    usable_edits,
    values_of,
)
from intercup.texts import TEXTS
from intercup.web.app_keys import DATABASE, SETTINGS, STRUCTURES
from intercup.web.desk.deliveries import done
from intercup.web.desk.page import DESK, desk_page, note_change, typing_verdict
from intercup.web.desk.place import ROOT
from intercup.web.form_fields import read_fields
from intercup.web.render import see_other

PATH = f"{ROOT}/strutture"
OUTSIDE_PATH = f"{PATH}/fuori"
ONE = f"{PATH}/{{entry:[a-z0-9_-]+}}/{{name:[a-z]+}}"
CHANGE = f"{PATH}/cambi/{{change:[A-Za-z0-9_-]{{43}}}}"


@dataclass(frozen=True)
class Typed:
    """Values that aren't stored, or not yet, with their problems; `is_late` after another's.

    `seen` is the id of the newest version that its editor knows.
    """

    text: str
    seen: str
    problems: tuple[str, ...] = ()
    is_late: bool = False
    is_preview: bool = False
    is_check: bool = False  # by the page's script, while it is typed


async def show(request: web.Request) -> web.Response:
    """List the structures as citizens see them, with what the team has changed."""
    return await _list(request)


async def _list(
    request: web.Request,
    posted: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> web.Response:
    structures = request.app[STRUCTURES]
    async with request.app[DATABASE].read() as reading:
        fields = await all_corrected(reading, structures.document)
        asked = await waiting_fields(reading, time.time())
    entries: dict[str, list[dict[str, Any]]] = {}
    for field in fields.values():
        shown = _shown(request, field, is_asked=field.key in asked)
        entries.setdefault(shown["entry"], []).append(shown)
    context = {
        "provinces": [
            (province, [(each.name, entries.pop(each.id)) for each in members])
            for province, members in structures.directory.structures_by_province
        ],
        "central": entries.pop(CENTRAL),
        "emergency": entries.pop(EMERGENCY),
        "outside": [each for entry, each in entries.items() if entry.startswith(OUTSIDE)],
        "outdated": [_shown(request, each) for each in fields.values() if each.is_outdated],
        "unusable": sorted(structures.unusable),
        "asked": [_shown(request, fields[key]) for key in sorted(asked) if key in fields],
        "near": [(each.id, each.name) for each in structures.directory.structures],
        "posted": {"values": "", **(posted or {})},
        "errors": errors or {},
        "done": done(request),
    }
    return await desk_page(request, "desk_structures.html", "structures", context, status)


async def post_outside(request: web.Request) -> web.Response:
    """Add a place that isn't in InterCup, or show the form again with its problems."""
    boxes = [f"near_{id_}" for id_ in request.app[STRUCTURES].directory.structure_by_id]
    posted = await read_fields(request, ("values", *boxes))
    near = tuple(box.removeprefix("near_") for box in boxes if posted[box])
    place = OutsidePlace(as_values(posted["values"]), near)
    try:
        async with request.app[DATABASE].write() as writing:
            document, who = request.app[STRUCTURES].document, request[DESK].member.name
            entry = await add_outside(writing, document, place, who)
            note_change(request, writing, "place_added", entry)
    except ConfigurationError as error:
        errors: dict[str, str] = {}
        for problem in error.problems:
            name = "near" if ".near" in problem else "values"
            said = _said(problem, place.near if name == "near" else place.names)
            errors[name] = f"{errors.get(name, '')} {said}".strip()
        return await _list(request, posted, errors, InvalidInput.status)
    await request.app[STRUCTURES].look_at_changes(request.app[DATABASE])
    return see_other(f"{PATH}?done=place_added")


async def show_one(request: web.Request) -> web.Response:
    """Show a field with its form, what waits, the file and the history."""
    return await _page(request, None)


async def post(request: web.Request) -> web.Response:
    """Store values, ask for them or only show them; with problems show the form again."""
    typed = await _typed(request)
    context, key, values = _context(request), _key(request), as_values(typed.text)
    try:
        if typed.is_preview or typed.is_check:
            await check(context, key, values)
            return typing_verdict("") if typed.is_check else await _page(request, typed)
        outcome = await change(context, key, values, typed.seen)
    except ConfigurationError as error:
        problems = tuple(_said(each, values) for each in error.problems)
        if typed.is_check:
            return typing_verdict(" ".join(problems))
        return await _page(request, replace(typed, problems=problems), InvalidInput.status)
    except NotChanged as error:
        if error.reason == "structure_late":
            return await _page(request, replace(typed, is_late=True), StaleChoice.status)
        return _back(key, error.reason)
    await request.app[STRUCTURES].look_at_changes(request.app[DATABASE])
    return _back(key, outcome)


async def _typed(request: web.Request) -> Typed:
    """Read the form; structures come as boxes, and everything else as a text."""
    boxes = {f"near_{id_}": id_ for id_ in request.app[STRUCTURES].directory.structure_by_id}
    posted = await read_fields(request, ("values", "seen", "action", *boxes))
    text = posted["values"] or "\n".join(id_ for box, id_ in boxes.items() if posted[box])
    async with request.app[DATABASE].read() as reading:
        await _field(request, reading)
    action = posted["action"]
    return Typed(text, posted["seen"], is_preview=action == "preview", is_check=action == "check")


async def post_code(request: web.Request) -> web.Response:
    """Check the code that came to a new mailbox."""
    posted = await read_fields(request, ("field", "address", "code"))
    id_ = request.match_info["change"]
    try:
        verdict = await prove(_context(request), id_, posted["address"], posted["code"])
    except NotChanged as error:
        return _back(posted["field"], error.reason)
    return _back(posted["field"], f"mailbox_code_{verdict}")


async def post_send(request: web.Request) -> web.Response:
    """Mail another code to the mailboxes that aren't proved."""
    return await _act(request, send_again, "mailbox_code_sent")


async def post_withdrawal(request: web.Request) -> web.Response:
    """Take a change back that waits."""
    return await _act(request, withdraw, "mailbox_withdrawn")


async def post_confirmation(request: web.Request) -> web.Response:
    """Put a change in force, as its second person."""
    return await _act(request, confirm, "mailbox_confirmed")


async def _act(
    request: web.Request, act: Callable[[Changing, str], Awaitable[object]], outcome: str
) -> web.Response:
    posted = await read_fields(request, ("field",))
    try:
        await act(_context(request), request.match_info["change"])
    except NotChanged as error:
        outcome = error.reason
    await request.app[STRUCTURES].look_at_changes(request.app[DATABASE])
    return _back(posted["field"], outcome)


def _back(field: str, outcome: str) -> web.Response:
    """Return to the page of the field that the form names, or to the list."""
    is_field = re.fullmatch("[a-z0-9_-]+/[a-z]+", field)
    return see_other(f"{PATH}/{field}?done={outcome}" if is_field else PATH)


def _key(request: web.Request) -> str:
    return f"{request.match_info['entry']}/{request.match_info['name']}"


async def _field(request: web.Request, reading: AsyncSession) -> Corrected:
    field = (await all_corrected(reading, request.app[STRUCTURES].document)).get(_key(request))
    if field is None:
        raise NotFound("not_found")
    return field


def _context(request: web.Request) -> Changing:
    app = request.app
    return Changing(
        app[DATABASE],
        app[STRUCTURES].document,
        app[SETTINGS].secret_key,
        app[SETTINGS].mails,
        request[DESK].member.name,
        time.time(),
    )


def _said(problem: str, values: Values) -> str:
    """Return a problem with the value that it is about in the place of its path."""
    path, _, what = problem.partition(": ")
    position = path.rpartition("[")[2].rstrip("]")
    is_one = path.endswith("]") and position.isdigit() and int(position) < len(values)
    return f"«{values[int(position)]}» {what}." if is_one else f"{what[:1].upper()}{what[1:]}."


async def _page(request: web.Request, typed: Typed | None, status: int = 200) -> web.Response:
    key = _key(request)
    async with request.app[DATABASE].read() as reading:
        field = await _field(request, reading)
        versions = await history(reading, key)
        asked = await waiting_change(reading, key, time.time())
        sent = await sent_codes(reading, asked) if asked else {}
        edits = await usable_edits(reading, request.app[STRUCTURES].document)
        held = await _held(request, reading, key)
    values = as_values(typed.text) if typed else field.values
    newest = str(versions[0].id) if versions else "0"
    problems = typed.problems if typed else ()
    context = {
        "field": _shown(request, field),
        "form": _form(request, key, values, typed),
        "newest": newest,
        "seen": typed.seen if typed and not typed.is_late else newest,
        "is_typed": typed is not None,
        "is_late": typed is not None and typed.is_late,
        "heard": _heard(request, key, values, edits),
        "difference": _difference(request, key, field.in_file, values),
        "origin_then": values_of(versions[0].origin) if field.is_outdated else (),
        "is_unusable": key in request.app[STRUCTURES].unusable,
        "versions": [(each, _moment(each.at), values_of(each.text)) for each in versions],
        "asked": _asked(request, asked, field, sent) if asked else None,
        "held": held,
        "may_see_held": Role.DELIVERIES in request[DESK].member.roles,
        "errors": {"values": " ".join(problems)} if problems else {},
        "done": done(request),
    }
    return await desk_page(request, "desk_structure.html", "structures", context, status)


def _form(request: web.Request, key: str, values: Values, typed: Typed | None) -> dict[str, Any]:
    """Return the form's kind and content: a text, or the structures to choose from."""
    known = request.app[STRUCTURES].directory.structures if key.endswith("/near") else ()
    return {
        "is_emergency": key.startswith(f"{EMERGENCY}/"),
        "is_central": key.startswith(f"{CENTRAL}/"),
        "text": typed.text if typed else "\n".join(values),
        "boxes": [(each.id, each.name, each.id in values) for each in known],
        "names_max": NAMES_MAX,
    }


def _names(request: web.Request, key: str, values: Values) -> Values:
    """Return values as people read them: structures by their names."""
    if not key.endswith("/near"):
        return values
    return tuple(_name_of(request.app[STRUCTURES].directory, id_) for id_ in values)


def _asked(
    request: web.Request, asked: Waiting, field: Corrected, sent: Mapping[str, DeliveryState]
) -> dict[str, Any]:
    """Return a change that waits, as its page shows it, with the states of its codes' mails."""
    member = request[DESK].member
    return {
        "id": asked.change.id,
        "who": asked.change.who,
        "at": _moment(asked.change.at),
        "difference": _difference(request, field.key, field.values, values_of(asked.change.text)),
        "codes": [
            {
                "address": code.address,
                "sent": _moment(code.sent_at),
                "state": _state_text(sent.get(code.address)),
                "proved": _moment(code.proved_at) if code.proved_at else None,
            }
            for code in asked.codes
        ],
        "is_proved": asked.is_proved,
        "is_mine": asked.change.who == member.name,
        "may_confirm": Role.RELEASE in member.roles and asked.change.who != member.name,
    }


def _state_text(state: DeliveryState | None) -> str:
    return TEXTS(f"delivery_state.{state}") if state else ""


async def _held(request: web.Request, reading: AsyncSession, key: str) -> tuple[str, int]:
    """Return the office of a mailbox field and the number of mails to it that are held."""
    directory = request.app[STRUCTURES].directory
    if not is_mailbox_field(key):
        return "", 0
    office = office_of(directory, key).name
    return office, len(await waiting(reading, (DeliveryState.HELD,), office))


def _shown(request: web.Request, field: Corrected, *, is_asked: bool = False) -> dict[str, Any]:
    entry, _, name = field.key.partition("/")
    return {
        "key": field.key,
        "entry": entry,
        "about": _about(request, entry),
        "title": TEXTS(f"structure_field.{name}"),
        "shown": _names(request, field.key, field.values),
        "in_file": field.in_file,
        "is_mailbox": name in OFFICES or entry == CENTRAL,
        "is_edited": field.is_edited,
        "is_outdated": field.is_outdated,
        "is_asked": is_asked,
    }


def _about(request: web.Request, entry: str) -> str:
    """Return the name of the structure or place that a field belongs to."""
    structures = request.app[STRUCTURES]
    if entry == CENTRAL:
        return TEXTS("structure_field.central")
    if entry == EMERGENCY:
        return TEXTS("structure_field.emergency")
    if entry.startswith(OUTSIDE):
        in_file = fields_of(structures.document).get(f"{entry}/names")
        return in_file[0] if in_file else entry.removeprefix(OUTSIDE).replace("-", " ")
    return _name_of(structures.directory, entry)


def _name_of(directory: Directory, id_: str) -> str:
    known = directory.structure_by_id.get(id_)
    return known.name if known else id_


def _heard(
    request: web.Request, key: str, values: Values, edits: dict[str, Values]
) -> list[tuple[str, str]]:
    """Return what the assistant does with each name, if these values are in force."""
    document = request.app[STRUCTURES].document
    changed = edits | {key: values}
    if is_mailbox_field(key) or key.endswith("/near") or problems_with(document, changed):
        return []
    if key.startswith(f"{EMERGENCY}/"):
        kind = TEXTS(f"structure_heard.{key.rpartition('/')[2]}")
        return [(name, kind) for name in values]
    directory = directory_of(with_values(document, changed))
    return [(name, _heard_as(name, directory)) for name in values]


def _heard_as(name: str, directory: Directory) -> str:
    found = resolve_structure(name, directory)
    names = ", ".join(_name_of(directory, id_) for id_ in found.ids)
    return TEXTS(f"structure_heard.{found.kind}", names=names)


def _difference(
    request: web.Request, key: str, before: Values, after: Values
) -> list[tuple[str, str]]:
    """Return the values of both: "same", "del" or "ins", and the value."""
    old, new = (_names(request, key, values) for values in (before, after))
    kinds = [("same" if value in new else "del", value) for value in old]
    return kinds + [("ins", value) for value in new if value not in old]


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, ROME)
