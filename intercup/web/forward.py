"""The page behind the link in an office's mail, without login and JavaScript: mark, forward."""

from datetime import UTC, datetime

from aiohttp import hdrs, web

from intercup.domain.attachment import size_text
from intercup.domain.forwarding import NOTE_MAX, ForwardForm, destination_of, likely_forwards
from intercup.domain.italian_time import ROME
from intercup.domain.normalise import normalise
from intercup.domain.office_state import OfficeState
from intercup.domain.structure_names import resolve_structure
from intercup.errors import InvalidInput, NotForwardable
from intercup.services.attachments.store import file_seal
from intercup.services.chat.rasa_client import as_plain_text
from intercup.services.ids import new_id
from intercup.services.requests.forward import (
    ForwardOrder,
    IncompleteForward,
    LinkedRequest,
    forward_request,
    look_at_link,
    take_file,
)
from intercup.services.requests.mark import mark_state
from intercup.services.structures.stored import category_of, structure_name_of
from intercup.texts import TEXTS
from intercup.web.app_keys import DATABASE, RASA, SETTINGS, STRUCTURES
from intercup.web.form_fields import read_fields
from intercup.web.render import render_page, see_other

FIELDS = ("destination", "structure", "note", "form_key")


async def get_forward(request: web.Request) -> web.Response:
    """Show the request and, while this office may forward it, the form; then what it has done."""
    linked = await _look(request)
    if linked.forwarded and "inoltrata" in request.query:
        return await render_page(request, "forwarded.html", "forward", _shown(request, linked))
    chosen = {
        "destination": request.query.get("destination", ""),
        "structure": request.query.get("structure", ""),
    }
    return await _page(request, linked, chosen)


async def post_forward(request: web.Request) -> web.Response:
    """Forward the request, or show the page again with the problems."""
    values = await read_fields(request, FIELDS)
    app = request.app
    order = ForwardOrder(
        token=request.match_info["token"],
        key=values["form_key"] or new_id(),
        form=ForwardForm(values["destination"], values["structure"], values["note"]),
    )
    try:
        await forward_request(
            app[DATABASE], app[STRUCTURES].directory, order, app[SETTINGS].mails, datetime.now(UTC)
        )
    except IncompleteForward as error:
        return await _page(request, await _look(request), values, error.problems)
    except NotForwardable as error:
        return await _page(request, await _look(request), status=error.status)
    return see_other(f"{request.path}?inoltrata")


async def post_mark(request: web.Request) -> web.Response:
    """Mark the request's state at this office."""
    values = await read_fields(request, ("state",))
    if values["state"] not in set(OfficeState):
        raise InvalidInput("bad_request")
    token = request.match_info["token"]
    try:
        await mark_state(
            request.app[DATABASE], token, OfficeState(values["state"]), datetime.now(UTC)
        )
    except NotForwardable as error:
        return await _page(request, await _look(request), status=error.status)
    return see_other(f"/inoltra/{token}?segnata")


async def post_file(request: web.Request) -> web.Response:
    """Give a file; a GET would let mail scanners take it."""
    values = await read_fields(request, ("file",))
    name, kind, content = await take_file(
        request.app[DATABASE],
        file_seal(request.app[SETTINGS].secret_key),
        request.match_info["token"],
        values["file"],
        datetime.now(UTC),
    )
    headers = {hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"'}
    return web.Response(body=content, content_type=kind.media_type, headers=headers)


async def _look(request: web.Request) -> LinkedRequest:
    token = request.match_info["token"]
    return await look_at_link(request.app[DATABASE], token, datetime.now(UTC))


async def _page(
    request: web.Request,
    linked: LinkedRequest,
    values: dict[str, str] | None = None,
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> web.Response:
    directory = request.app[STRUCTURES].directory
    values = values or {}
    likely = await _likely(request, linked, values.get("note", ""))
    errors = {
        field: TEXTS(f"forward_problem.{key}", mailbox=directory.platform_mailbox)
        for field, key in (problems or {}).items()
    }
    context = _shown(request, linked) | {
        "values": values,
        "errors": errors,
        "likely": likely,
        "likely_office": destination_of(likely, directory).name if likely else "",
        "structures": directory.structures_by_province,
        "note_max": NOTE_MAX,
        "form_key": values.get("form_key") or new_id(),
        "is_marked": "segnata" in request.query,
    }
    status = IncompleteForward.status if errors else status
    return await render_page(request, "forward.html", "forward", context, status=status)


async def _likely(request: web.Request, linked: LinkedRequest, note: str) -> ForwardForm | None:
    """Return the first likely office that hasn't had the request, by its facts and the note."""
    directory, found = request.app[STRUCTURES].directory, linked.entry.request
    note = normalise(note[:NOTE_MAX])
    ranking = await request.app[RASA].ranking_of(as_plain_text(note)) if note else ()
    forms = likely_forwards(
        category_of(directory, found.category),
        found.structure,
        directory.subject_of(ranking),
        resolve_structure(note, directory).mentioned,
        directory,
    )
    return next((f for f in forms if not linked.had_by(destination_of(f, directory))), None)


def _shown(request: web.Request, linked: LinkedRequest) -> dict[str, object]:
    """Return the page's values, without the citizen's data, which the office has in its mail."""
    directory, found = request.app[STRUCTURES].directory, linked.entry.request
    forwarded = linked.forwarded
    return {
        "token": request.match_info["token"],
        "number": found.number,
        "category_label": category_of(directory, found.category).label,
        "structure_name": structure_name_of(directory, found.structure),
        "created": found.created_at.astimezone(ROME),
        "office_name": linked.office_name,
        "state_text": linked.entry.state_text,
        "state": linked.entry.shown_state,
        "marks": TEXTS.section("mark"),
        "forwarded_to": forwarded.to_office if forwarded else None,
        "forwarded_at": forwarded.at.astimezone(ROME) if forwarded else None,
        "is_last_office": linked.is_last_office,
        "files": [(file, size_text(file.size)) for file in linked.files],
    }


def add_routes(app: web.Application) -> None:
    """Add the page's routes."""
    app.router.add_get("/inoltra/{token}", get_forward)
    app.router.add_post("/inoltra/{token}", post_forward)
    app.router.add_post("/inoltra/{token}/stato", post_mark)
    app.router.add_post("/inoltra/{token}/allegato", post_file)
