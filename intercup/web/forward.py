"""The page behind the link in an office's mail, without login and JavaScript."""

from datetime import UTC, datetime

from aiohttp import web

from intercup.domain.forwarding import NOTE_MAX, ForwardForm
from intercup.domain.italian_time import ROME
from intercup.errors import NotForwardable
from intercup.services.ids import new_id
from intercup.services.requests.forward import (
    ForwardOrder,
    IncompleteForward,
    LinkedRequest,
    forward_request,
    look_at_link,
)
from intercup.services.structures.stored import category_of, structure_name_of
from intercup.texts import TEXTS
from intercup.web.app_keys import DATABASE, SETTINGS, STRUCTURES
from intercup.web.form_fields import read_fields
from intercup.web.render import render_page

FIELDS = ("destination", "structure", "note", "form_key")


async def get_forward(request: web.Request) -> web.Response:
    """Show the request and, while this office may forward it, the form."""
    return await _page(request, await _look(request))


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
        linked = await forward_request(
            app[DATABASE], app[STRUCTURES].directory, order, app[SETTINGS].mails, datetime.now(UTC)
        )
    except IncompleteForward as error:
        return await _page(request, await _look(request), values, error.problems)
    except NotForwardable as error:
        return await _page(request, await _look(request), status=error.status)
    return await render_page(request, "forwarded.html", "forward", _shown(request, linked))


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
    errors = {
        field: TEXTS(f"forward_problem.{key}", mailbox=directory.platform_mailbox)
        for field, key in (problems or {}).items()
    }
    context = _shown(request, linked) | {
        "values": values,
        "errors": errors,
        "structures": directory.structures_by_province,
        "note_max": NOTE_MAX,
        "form_key": values.get("form_key") or new_id(),
    }
    status = IncompleteForward.status if errors else status
    return await render_page(request, "forward.html", "forward", context, status=status)


def _shown(request: web.Request, linked: LinkedRequest) -> dict[str, object]:
    """Return the page's values, without the citizen's data, which the office has in its mail."""
    directory, found = request.app[STRUCTURES].directory, linked.entry.request
    forwarded = linked.forwarded
    return {
        "number": found.number,
        "category_label": category_of(directory, found.category).label,
        "structure_name": structure_name_of(directory, found.structure),
        "created": found.created_at.astimezone(ROME),
        "office_name": linked.office_name,
        "state_text": TEXTS(f"state.{linked.entry.state}"),
        "forwarded_to": forwarded.to_office if forwarded else None,
        "forwarded_at": forwarded.at.astimezone(ROME) if forwarded else None,
        "is_last_office": linked.is_last_office,
    }


def add_routes(app: web.Application) -> None:
    """Add the page's routes."""
    app.router.add_get("/inoltra/{token}", get_forward)
    app.router.add_post("/inoltra/{token}", post_forward)
