"""The one table of the desk's routes: each with the role that it asks for.

Without login every route leads to it; without its role, or for anybody else, it doesn't exist.
"""

import time
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import hdrs, web

from intercup.domain.staff import Member, Role
from intercup.errors import NotFound
from intercup.identity.demo_citizens import CITIZENS
from intercup.services.ids import person_key
from intercup.services.staff import members, sessions
from intercup.texts import TEXTS
from intercup.web.app_keys import DATABASE, SETTINGS
from intercup.web.desk import (
    answers,
    deliveries,
    examples,
    figures,
    journey,
    log,
    models,
    notices,
    sentences,
    start,
    structures,
    trying,
    unanswered,
)
from intercup.web.desk.page import DESK, DESK_OF, Desk, noted
from intercup.web.desk.place import ENTRY, ROOT, may_reach
from intercup.web.desk.session import leave, session_cookie, take_over
from intercup.web.middleware import Handler
from intercup.web.render import see_other
from intercup.web.session_cookie import current_citizen


@dataclass(frozen=True)
class Route:
    """A route; without a role it is for every member; `name` is its key in `desk_menu`.

    A member with the role `also` may use it too. A page that `is_noted` stands in the log by its
    path; the others that show something log what they show.
    """

    method: str
    path: str
    role: Role | None
    handler: Handler
    name: str = ""
    also: Role | None = None
    is_noted: bool = False


_ID = "{id:[0-9]{1,9}}"
_SHA256 = "{sha256:[0-9a-f]{64}}"
_CHANGE = structures.CHANGE
_KEY = "{key:[0-9a-f]{12}}"
ROUTES = (
    Route("GET", ROOT, None, start.show, "start"),
    Route("POST", f"{ROOT}/esci", None, leave),
    Route("GET", deliveries.PATH, Role.DELIVERIES, deliveries.show, "deliveries", is_noted=True),
    Route("POST", f"{deliveries.PATH}/{_ID}/riprova", Role.DELIVERIES, deliveries.post_retry),
    Route("POST", f"{deliveries.PATH}/{_ID}/casella", Role.DELIVERIES, deliveries.post_readdress),
    Route("GET", unanswered.PATH, Role.DELIVERIES, unanswered.show, "unanswered", is_noted=True),
    Route("GET", journey.PATH, Role.DELIVERIES, journey.show),
    Route("POST", f"{journey.PATH}/inoltra", Role.DELIVERIES, journey.post_forward),
    Route("POST", f"{journey.PATH}/revoca", Role.DELIVERIES, journey.post_revoke),
    Route("POST", f"{journey.PATH}/testo", Role.DELIVERIES, journey.post_text),
    Route("GET", notices.PATH, Role.DIALOGUE, notices.show, "notices", is_noted=True),
    Route("POST", notices.PATH, Role.DIALOGUE, notices.post),
    Route("POST", f"{notices.PATH}/{_ID}/fine", Role.DIALOGUE, notices.post_end),
    Route("GET", answers.PATH, Role.DIALOGUE, answers.show, "answers", is_noted=True),
    Route("GET", answers.ONE, Role.DIALOGUE, answers.show_one, is_noted=True),
    Route("POST", answers.ONE, Role.DIALOGUE, answers.post),
    Route(
        "GET",
        structures.PATH,
        Role.DIALOGUE,
        structures.show,
        "structures",
        Role.RELEASE,
        is_noted=True,
    ),
    Route(
        "POST", structures.OUTSIDE_PATH, Role.DIALOGUE, structures.post_outside, "", Role.RELEASE
    ),
    Route(
        "GET", structures.ONE, Role.DIALOGUE, structures.show_one, "", Role.RELEASE, is_noted=True
    ),
    Route("POST", structures.ONE, Role.DIALOGUE, structures.post, "", Role.RELEASE),
    Route("POST", f"{_CHANGE}/codice", Role.DIALOGUE, structures.post_code, "", Role.RELEASE),
    Route("POST", f"{_CHANGE}/nuovo-codice", Role.DIALOGUE, structures.post_send, "", Role.RELEASE),
    Route("POST", f"{_CHANGE}/ritira", Role.DIALOGUE, structures.post_withdrawal, "", Role.RELEASE),
    Route("POST", f"{_CHANGE}/conferma", Role.RELEASE, structures.post_confirmation),
    Route("GET", sentences.PATH, Role.DIALOGUE, sentences.show, "sentences"),
    Route("POST", f"{sentences.PATH}/nuova", Role.DIALOGUE, models.post_example),
    Route("GET", examples.PATH, Role.DIALOGUE, examples.show, is_noted=True),
    Route("POST", examples.PATH, Role.DIALOGUE, examples.post),
    Route("POST", f"{examples.PATH}/rimetti", Role.DIALOGUE, examples.post_back),
    Route("POST", f"{sentences.PATH}/annulla", Role.DIALOGUE, sentences.post_undo),
    Route("POST", f"{sentences.PATH}/{_KEY}", Role.DIALOGUE, sentences.post_decision),
    Route("GET", trying.PATH, Role.DIALOGUE, trying.show, "try"),
    Route("POST", trying.PATH, Role.DIALOGUE, trying.post_sentence),
    Route("GET", models.PATH, Role.DIALOGUE, models.show, "models", Role.RELEASE),
    Route("POST", f"{models.PATH}/addestra", Role.DIALOGUE, models.post_training, "", Role.RELEASE),
    Route("POST", f"{models.PATH}/ferma", Role.DIALOGUE, models.post_cancel, "", Role.RELEASE),
    Route("GET", f"{models.PATH}/{_SHA256}", Role.DIALOGUE, models.show_one, "", Role.RELEASE),
    Route("POST", f"{models.PATH}/{_SHA256}/pubblica", Role.RELEASE, models.post_publication),
    Route("GET", figures.PATH, None, figures.show, "figures", is_noted=True),
    Route("GET", f"{ROOT}/registro", Role.STAFF, log.show, "log", is_noted=True),
)


def add_routes(app: web.Application) -> None:
    """Add the desk's routes, each behind its role."""
    for route in ROUTES:
        app.router.add_route(route.method, route.path, _behind_role(route))
    app.router.add_post(ENTRY, take_over)
    app[DESK_OF] = _desk_of
    if app[SETTINGS].is_demo:
        app.on_startup.append(_add_demo_member)


async def _add_demo_member(app: web.Application) -> None:
    """Let a test citizen of the demo in, with every role."""
    citizen = next(each for each in CITIZENS if each.at_desk)
    key = person_key(app[SETTINGS].secret_key, citizen.fiscal_number)
    async with app[DATABASE].write() as writing:
        await members.add(writing, key, f"{citizen.name} {citizen.surname}", Role, time.time())


def _behind_role(route: Route) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        if not may_reach(request):
            raise NotFound("not_found")
        desk = await _desk_of(request)
        if desk is None:
            return await _to_the_login(request)
        request[DESK] = desk
        if not _may_use(desk.member, route):
            raise NotFound("not_found")
        response = await route.handler(request)
        if route.is_noted:
            await noted(request, "page_seen", request.path.removeprefix(f"{ROOT}/"))
        return response

    return handle


async def _desk_of(request: web.Request) -> Desk | None:
    """Return the member of a request with the menu, or None for anybody else."""
    if not may_reach(request):
        return None
    member = await sessions.find(request.app[DATABASE], session_cookie(request), time.time())
    return Desk(member, _menu_of(member)) if member else None


async def _to_the_login(request: web.Request) -> web.Response:
    citizen = await current_citizen(request)
    if citizen:
        async with request.app[DATABASE].read() as reading:
            if not await members.is_member(reading, citizen.person_key):
                raise NotFound("not_found")
    back = request.path_qs if request.method == hdrs.METH_GET else ROOT
    return see_other(f"{request.app[SETTINGS].base_url}/accedi?ritorno={quote(back)}")


def _may_use(member: Member, route: Route) -> bool:
    return route.role is None or not member.roles.isdisjoint({route.role, route.also})


def _menu_of(member: Member) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (route.path, route.name, TEXTS(f"desk_menu.{route.name}"))
        for route in ROUTES
        if route.name and _may_use(member, route)
    )
