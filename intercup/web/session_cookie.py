"""The session of a request: read from its cookie, and the cookie itself."""

import time

from aiohttp import web

from intercup.domain.request import Sender
from intercup.errors import NotAuthenticated
from intercup.services.sessions import (
    ABSOLUTE_LIMIT,
    Session,
    find_session,
    hash_of,
    start_session,
)
from intercup.web.keys import DATABASE, SETTINGS

_SESSION = web.RequestKey("session", object)


async def current_session(request: web.Request) -> Session | None:
    """Return the valid session of the request's cookie; looked up once a request."""
    if _SESSION not in request:
        cookie = request.cookies.get(cookie_name(request.app))
        request[_SESSION] = await find_session(request.app[DATABASE], cookie, time.time())
    found = request[_SESSION]
    return found if isinstance(found, Session) else None


async def current_citizen(request: web.Request) -> Sender | None:
    """Return who is logged in."""
    session = await current_session(request)
    return session.citizen if session else None


async def require_citizen(request: web.Request) -> Sender:
    """Return who is logged in.

    Raises:
        NotAuthenticated: nobody is, or the session has expired.
    """
    citizen = await current_citizen(request)
    if citizen is None:
        raise NotAuthenticated("not_authenticated")
    return citizen


async def session_or_new(request: web.Request) -> tuple[Session, str | None]:
    """Return the session, made if there is none, and the cookie to set for a new one."""
    session = await current_session(request)
    if session:
        return session, None
    cookie, session = await start_session(request.app[DATABASE], time.time())
    return session, cookie


def cookie_name(app: web.Application) -> str:
    """Return the cookie's name; `__Host-` needs HTTPS, which the demo hasn't."""
    return "intercup" if app[SETTINGS].is_demo else "__Host-intercup"


def session_cookie_hash(request: web.Request) -> str | None:
    """Return the hash of the browser's session, expired or not."""
    cookie = request.cookies.get(cookie_name(request.app))
    return hash_of(cookie) if cookie else None


def set_session_cookie(app: web.Application, response: web.StreamResponse, cookie: str) -> None:
    """Give the browser its session."""
    response.set_cookie(
        cookie_name(app),
        cookie,
        max_age=int(ABSOLUTE_LIMIT),
        path="/",
        httponly=True,
        secure=not app[SETTINGS].is_demo,
        samesite="Lax",
    )


def drop_session_cookie(app: web.Application, response: web.StreamResponse) -> None:
    """Take the session from the browser."""
    response.del_cookie(
        cookie_name(app),
        path="/",
        httponly=True,
        secure=not app[SETTINGS].is_demo,
        samesite="Lax",
    )
