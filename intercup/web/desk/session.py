"""The member of a request, the cookie of the desk, and the way in from the login."""

import logging
import time

from aiohttp import web

from intercup.domain.request import Citizen
from intercup.errors import NotFound
from intercup.identity.service_provider import Outgoing
from intercup.services.login.login import safe_return
from intercup.services.staff import sessions
from intercup.services.staff.log import note
from intercup.web.app_keys import DATABASE, SETTINGS
from intercup.web.desk.place import ENTRY, ROOT, may_reach
from intercup.web.form_fields import read_fields
from intercup.web.render import see_other
from intercup.web.saml_message import send_on
from intercup.web.session_cookie import (
    cookie_name,
    cookie_of,
    drop_session_cookie,
    set_session_cookie,
)

COOKIE = "intercup-presidio"

logger = logging.getLogger(__name__)


def session_cookie(request: web.Request) -> str | None:
    """Return the cookie as the browser sent it."""
    return cookie_of(request, cookie_name(request.app, COOKIE))


async def enter(request: web.Request, person: Citizen, return_to: str) -> web.Response:
    """Let a member in after the login, on the desk's own host if it has one.

    Raises:
        NotFound: the person isn't a member.
    """
    settings = request.app[SETTINGS]
    is_elsewhere = settings.desk_url != settings.base_url
    cookie = await sessions.open_session(
        request.app[DATABASE], person.person_key, time.time(), for_entry=is_elsewhere
    )
    if cookie is None:
        logger.warning("desk: somebody who is no member has logged in")
        raise NotFound("not_found")
    if is_elsewhere:
        fields = {"entry": cookie, "return_to": return_to}
        response = send_on(request, Outgoing(settings.desk_url + ENTRY, fields))
        response.headers["Referrer-Policy"] = "strict-origin"  # else its Origin would be "null"
        return response
    return await _let_in(request, cookie, return_to)


async def take_over(request: web.Request) -> web.Response:
    """Take the login over from the public host, whose page posts it."""
    if not may_reach(request):
        raise NotFound("not_found")
    posted = await read_fields(request, ("entry", "return_to"))
    cookie = await sessions.take_over(request.app[DATABASE], posted["entry"], time.time())
    if cookie is None:
        raise NotFound("not_found")
    return await _let_in(request, cookie, safe_return(posted["return_to"], ROOT))


async def _let_in(request: web.Request, cookie: str, return_to: str) -> web.Response:
    database, now = request.app[DATABASE], time.time()
    member = await sessions.find(database, cookie, now)
    if member:
        async with database.write() as writing:
            note(writing, member.name, "log_in", now)
    response = see_other(return_to)
    set_session_cookie(request.app, response, cookie, COOKIE, max_age=None)
    return response


async def leave(request: web.Request) -> web.Response:
    """End the session at the desk; a citizen's session in the same browser stays."""
    await sessions.end_session(request.app[DATABASE], session_cookie(request))
    response = see_other(request.app[SETTINGS].base_url + "/")
    drop_session_cookie(request.app, response, COOKIE)
    return response
