"""/presidio/richieste/NUMBER: a request's journey, without the citizen's name and words."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from intercup.db.tables import Request
from intercup.domain.delivery import READDRESSED, DeliveryState
from intercup.domain.forwarding import NOTE_MAX, form_to
from intercup.domain.italian_time import ROME
from intercup.errors import NotFound
from intercup.services.delivery.desk_list import Row, deliveries_of, relay_state
from intercup.services.delivery.receipts import Receipt, receipts_of
from intercup.services.requests.forward import IncompleteForward
from intercup.services.requests.forward_links import revoke_links
from intercup.services.requests.lookup import RequestWithState, requests_where
from intercup.services.requests.open_text import REASON_MAX, NoReason, open_text
from intercup.services.requests.readdress import NotReaddressed, forward_for_team
from intercup.services.structures.stored import category_of, structure_name_of
from intercup.texts import TEXTS
from intercup.web.app_keys import DATABASE, SETTINGS, STRUCTURES
from intercup.web.desk.deliveries import done, of_left_mailboxes, shown, team_of
from intercup.web.desk.page import DESK, desk_page, note_change, noted
from intercup.web.desk.place import ROOT
from intercup.web.form_fields import read_fields
from intercup.web.render import see_other

type Receipts = Mapping[int, Sequence[Receipt]]

PATH = f"{ROOT}/richieste/{{number}}"


async def show(request: web.Request) -> web.Response:
    """Show the journey of a request."""
    entry = await _found(request)
    await noted(request, "request_seen", entry.request.number)
    return await _page(request, entry)


async def post_forward(request: web.Request) -> web.Response:
    """Forward the request to the chosen office, or show the page again with the problem."""
    values = await read_fields(request, ("office", "note"))
    entry = await _found(request)
    form = form_to(values["office"], values["note"])
    try:
        await forward_for_team(
            request.app[DATABASE],
            team_of(request),
            entry.request.number,
            form,
            datetime.now(UTC),
        )
    except NotReaddressed as error:
        return see_other(f"{request.path.removesuffix('/inoltra')}?done={error.reason}")
    except IncompleteForward as error:
        mailbox = request.app[STRUCTURES].directory.platform_mailbox
        errors = {
            field if field == "note" else "office": TEXTS(f"forward_problem.{key}", mailbox=mailbox)
            for field, key in reversed(error.problems.items())
        }
        await noted(request, "request_seen", entry.request.number)
        return await _page(request, entry, values, errors, IncompleteForward.status)
    return see_other(f"{request.path.removesuffix('/inoltra')}?done=request_forwarded")


async def post_revoke(request: web.Request) -> web.Response:
    """Revoke the links by which offices forward the request."""
    number = request.match_info["number"]
    async with request.app[DATABASE].write() as writing:
        if await revoke_links(writing, number, datetime.now(UTC)) is None:
            raise NotFound("not_found")
        note_change(request, writing, "links_revoked", number)
    return see_other(f"{ROOT}/richieste/{number}?done=links_revoked")


async def post_text(request: web.Request) -> web.Response:
    """Show the citizen's words, for a reason; off unless switched on."""
    if not request.app[SETTINGS].desk_shows_texts:
        raise NotFound("not_found")
    values = await read_fields(request, ("reason",))
    entry = await _found(request)
    number, who = entry.request.number, request[DESK].member.name
    try:
        texts = await open_text(request.app[DATABASE], who, number, values["reason"])
    except NoReason as error:
        errors = {name: TEXTS(f"desk_problem.{key}") for name, key in error.problems.items()}
        await noted(request, "request_seen", number)
        return await _page(request, entry, values, errors, error.status)
    return await _page(request, entry, texts=texts)


async def _found(request: web.Request) -> RequestWithState:
    number = request.match_info["number"]
    found = await requests_where(request.app[DATABASE], Request.number == number)
    if not found:
        raise NotFound("not_found")
    return found[0]


async def _page(
    request: web.Request,
    entry: RequestWithState,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
    texts: tuple[tuple[str, str], ...] = (),
) -> web.Response:
    directory, about = request.app[STRUCTURES].directory, entry.request
    async with request.app[DATABASE].read() as reading:
        rows = await deliveries_of(reading, about.number)
        receipts = await receipts_of(reading, [row.id for row in rows])
        relay = await relay_state(reading)
        left = await of_left_mailboxes(request, reading, rows)
    context = {
        "number": about.number,
        "category_label": category_of(directory, about.category).label,
        "structure_name": structure_name_of(directory, about.structure),
        "protocol": about.protocol,
        "steps": _steps(entry, rows, receipts),
        "rows": [shown(row, relay, row.id in left) for row in rows],
        "structures": directory.structures_by_province,
        "platform_name": team_of(request).name,
        "values": values or {},
        "errors": errors or {},
        "note_max": NOTE_MAX,
        "reason_max": REASON_MAX,
        "texts": texts,
        "shows_texts": request.app[SETTINGS].desk_shows_texts,
        "done": done(request),
    }
    return await desk_page(request, "desk_request.html", "deliveries", context, status)


def _steps(entry: RequestWithState, rows: list[Row], receipts: Receipts) -> list[dict[str, Any]]:
    """Return the journey: each hop with its office and its mails, then the office's own state."""
    registered = entry.request.created_at.astimezone(ROME)
    steps: list[dict[str, Any]] = [
        {"kind": "registered", "at": registered, "office": entry.request.office_name}
    ]
    steps += _mails(rows, 0, receipts)
    for number, hop in enumerate(entry.hops, 1):
        at = hop.at.astimezone(ROME)
        steps.append({"kind": "forwarded", "at": at, "office": hop.to_office})
        steps += _mails(rows, number, receipts)
    if marked := entry.marked:
        at = marked.at.astimezone(ROME)
        steps.append({"kind": str(marked.state), "at": at, "office": entry.office_name})
    return [step | {"text": _text_of(step)} for step in steps]


def _text_of(step: dict[str, Any]) -> str:
    words = step.get("words") or TEXTS(f"journey.{step['kind']}")
    return f"{step['of']}{words}" if "of" in step else words


def _mails(rows: list[Row], hop: int, receipts: Receipts) -> list[dict[str, Any]]:
    office = [row for row in rows if row.hop == hop and row.role == "office"]
    steps = []
    for row in office:
        if row.sent_at:
            steps.append(_step("sent", row))
        for receipt in receipts.get(row.id, ()):
            at, words = datetime.fromtimestamp(receipt.at, ROME), TEXTS.section("pec")[receipt.kind]
            if receipt.doubtful:
                words += TEXTS("pec.doubtful")
            steps.append(_step("pec", row) | {"at": at, "words": words})
        if row.error.startswith("bounce"):
            steps.append(_step("bounced", row) | {"at": None})
        elif row.state in (DeliveryState.HELD, DeliveryState.FAILED):
            kind = "replaced" if row.error == READDRESSED else "held"
            steps.append(_step(kind, row) | {"at": None})
        elif not row.sent_at:
            steps.append(_step("queued", row) | {"at": None})
    return steps


def _step(kind: str, row: Row) -> dict[str, Any]:
    at = datetime.fromtimestamp(row.sent_at, ROME) if row.sent_at else None
    of = TEXTS("journey.of_addition") if row.addition else ""
    return {"kind": kind, "at": at, "office": row.office, "of": of}
