"""The citizen's requests: their list, and a page with the receipt of each."""

from aiohttp import web

from intercup.domain.italian_time import ROME, italian_day
from intercup.errors import NotFound
from intercup.services.ids import new_id
from intercup.services.requests.lookup import RequestWithState, request_of, requests_of
from intercup.services.requests.submit import labelled
from intercup.services.structures.stored import category_of, structure_name_of
from intercup.texts import TEXTS
from intercup.web.app_keys import DATABASE, STRUCTURES
from intercup.web.render import render_page, see_other
from intercup.web.session_cookie import current_citizen, current_session, login_first


async def my_requests(request: web.Request) -> web.Response:
    """List the citizen's requests with their state."""
    citizen = await current_citizen(request)
    if citizen is None:
        return see_other(login_first(request))
    found = await requests_of(request.app[DATABASE], citizen.person_key)
    context = {"requests": [_shown(request, entry) for entry in found]}
    return await render_page(request, "requests.html", "requests", context)


async def receipt(request: web.Request) -> web.Response:
    """Show a request's receipt for printing, also one sent in this session's chat before login."""
    session = await current_session(request)
    number = request.match_info["number"]
    found = await request_of(request.app[DATABASE], session, number) if session else None
    if found is None and (session is None or session.citizen is None):
        return see_other(login_first(request))
    if found is None:
        raise NotFound("not_found")
    context = {"request": _shown(request, found), "rating_key": new_id()}
    return await render_page(request, "receipt.html", "requests", context)


def _shown(request: web.Request, entry: RequestWithState) -> dict[str, object]:
    directory = request.app[STRUCTURES].directory
    return {
        "number": entry.request.number,
        "category_label": category_of(directory, entry.request.category).label,
        "structure_name": structure_name_of(directory, entry.request.structure),
        "office_name": entry.request.office_name,
        "sender": entry.request.sender,
        "email": entry.request.email,
        "created": entry.request.created_at.astimezone(ROME),
        "texts": labelled(entry.request.texts),
        "state": entry.shown_state,
        "state_text": entry.state_text,
        "hops": [
            TEXTS("state.forwarded", office=hop.to_office, day=italian_day(hop.at))
            for hop in entry.hops
        ],
        "copy_text": TEXTS("state.copy_failed") if entry.copy_failed else None,
    }


def add_routes(app: web.Application) -> None:
    """Add the requests' routes."""
    app.router.add_get("/richieste", my_requests)
    app.router.add_get("/richieste/{number}", receipt)
