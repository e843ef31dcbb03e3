"""The session of a request, and its cookie."""

import time
from urllib.parse import quote

from aiohttp import hdrs, web

from intercup.domain.request import Citizen
from intercup.errors import NotAuthenticated
from intercup.services.ids import hash_of
from intercup.services.limits import key_of
from intercup.services.login.session_expiry import session_end
from intercup.services.login.sessions import Session, find_session, start_session
from intercup.web.app_keys import DATABASE, FLOODS, SETTINGS
from intercup.web.client_ip import address_of

_SESSION = web.RequestKey("session", object)
# Seconds; longer than a session, so that chat and form are still there after a new login.
COOKIE_LIFE = 24 * 3600
CITIZENS = "intercup"  # the cookie's name, without its prefix


async def current_session(request: web.Request, *, touch: bool = True) -> Session | None:
    """Return the valid session of the request's cookie; looked up once per request.

    `touch` counts as activity; not for requests that an open page makes by itself.
    """
    if _SESSION not in request:
        request[_SESSION] = await find_session(
            request.app[DATABASE], session_cookie(request), time.time(), touch=touch
        )
    found = request[_SESSION]
    return found if isinstance(found, Session) else None


async def current_citizen(request: web.Request) -> Citizen | None:
    """Return who is logged in."""
    session = await current_session(request)
    return session.citizen if session else None


async def require_citizen(request: web.Request) -> Citizen:
    """Return the logged-in citizen.

    Raises:
        NotAuthenticated: there is none, or the session has expired.
    """
    citizen = await current_citizen(request)
    if citizen is None:
        raise NotAuthenticated("not_authenticated")
    return citizen


def login_first(request: web.Request) -> str:
    """Return the URL of the login that returns to the requested page."""
    return f"/accedi?ritorno={quote(request.path_qs)}"


async def has_expired(request: web.Request) -> bool:
    """Return True if the browser's citizen session has expired."""
    end = await session_end(request.app[DATABASE], session_cookie(request), time.time())
    return end.state == "expired"


async def session_or_new(
    request: web.Request, *, leave_expired: bool = False
) -> tuple[Session, str | None]:
    """Return the session, created if missing, and the cookie to set for a new one.

    Raises:
        NotAuthenticated: a citizen's session has expired; a new cookie would lose its
            conversation, so this needs the citizen's decision (`leave_expired`).
        TooMany: too many new sessions from this address.
    """
    session = await current_session(request, touch=False)
    if session:
        return session, None
    if not leave_expired and await has_expired(request):
        raise NotAuthenticated("not_authenticated")
    request.app[FLOODS].chats.take(address_of(request))
    cookie, session = await start_session(request.app[DATABASE], time.time())
    return session, cookie


def cookie_name(app: web.Application, name: str = CITIZENS) -> str:
    """Return a cookie's whole name; `__Host-` needs HTTPS, which the demo lacks."""
    return name if app[SETTINGS].is_demo else f"__Host-{name}"


def session_cookie(request: web.Request) -> str | None:
    """Return the session's cookie as the browser sent it."""
    return cookie_of(request, cookie_name(request.app))


def cookie_of(request: web.Request, name: str) -> str | None:
    """Return a cookie of ours; the library's reader takes quadratic time on a long header."""
    for line in request.headers.getall(hdrs.COOKIE, ()):
        for part in line.split(";"):
            key, _, value = part.strip().partition("=")
            if key == name:
                return value.strip('"')
    return None


def session_cookie_hash(request: web.Request) -> str | None:
    """Return the hash of the browser's session, expired or not."""
    cookie = session_cookie(request)
    return hash_of(cookie) if cookie else None


def came_from(request: web.Request) -> dict[str, str]:
    """Return the keys of the request's address and session, for limits."""
    keys = {"ip": key_of(request.app[SETTINGS].secret_key, "ip", address_of(request))}
    if session := session_cookie_hash(request):
        keys["session"] = session
    return keys


def set_session_cookie(
    app: web.Application,
    response: web.StreamResponse,
    cookie: str,
    name: str = CITIZENS,
    max_age: int | None = COOKIE_LIFE,
) -> None:
    """Set a session's cookie."""
    response.set_cookie(
        cookie_name(app, name),
        cookie,
        max_age=max_age,
        path="/",
        httponly=True,
        secure=not app[SETTINGS].is_demo,
        samesite="Lax",  # the first page comes after the provider's, from another site
    )


def drop_session_cookie(
    app: web.Application, response: web.StreamResponse, name: str = CITIZENS
) -> None:
    """Delete a session's cookie."""
    response.del_cookie(
        cookie_name(app, name),
        path="/",
        httponly=True,
        secure=not app[SETTINGS].is_demo,
        samesite="Lax",
    )
