"""/sessione: the end of the citizen's session, for the warning in the page."""

import time
from dataclasses import asdict

from aiohttp import web

from intercup.errors import NotAuthenticated
from intercup.services.login.session_expiry import prolong, session_end
from intercup.web.app_keys import DATABASE
from intercup.web.json_body import Nothing, read_json
from intercup.web.session_cookie import session_cookie


async def get_end(request: web.Request) -> web.Response:
    """Return the session's remaining time, without counting as activity."""
    end = await session_end(request.app[DATABASE], session_cookie(request), time.time())
    return web.json_response(asdict(end))


async def post_prolong(request: web.Request) -> web.Response:
    """Postpone the end at the citizen's request."""
    await read_json(request, Nothing)
    end = await prolong(request.app[DATABASE], session_cookie(request), time.time())
    if end.state != "open":
        raise NotAuthenticated("not_authenticated")
    return web.json_response(asdict(end))


def add_routes(app: web.Application) -> None:
    """Add the session's routes."""
    app.router.add_get("/sessione", get_end)
    app.router.add_post("/sessione", post_prolong)
