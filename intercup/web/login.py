"""Login and logout: the page, the way to the identity provider and back."""

import logging
import random
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from intercup.errors import Unavailable
from intercup.identity.errors import LoginRefused, Reason
from intercup.identity.logout import LogoutByForm, LogoutByRedirect
from intercup.metrics import LOGINS
from intercup.services.login.login import PENDING_LIMIT, Login, safe_return
from intercup.services.login.sessions import find_session, log_in, log_out
from intercup.services.requests.lookup import request_of
from intercup.texts import spoken
from intercup.web.app_keys import DATABASE, FLOODS, LOGIN, SETTINGS
from intercup.web.client_ip import address_of
from intercup.web.desk.place import is_desk
from intercup.web.desk.session import enter
from intercup.web.form_fields import SAML_MAX, read_fields
from intercup.web.language import drop_language
from intercup.web.rating import drop_rating_cookie
from intercup.web.render import render_page, see_other, visitor_of
from intercup.web.requests import SENT_BEFORE
from intercup.web.saml_message import script, send_on
from intercup.web.session_cookie import (
    cookie_name,
    cookie_of,
    current_session,
    drop_session_cookie,
    has_expired,
    session_cookie_hash,
    set_session_cookie,
)

logger = logging.getLogger(__name__)


async def login_page(request: web.Request) -> web.Response:
    """Show the identity providers, in random order as SPID asks."""
    providers = await request.app[LOGIN].providers()
    for of_scheme in providers.values():
        random.shuffle(of_scheme)
    return_to = safe_return(request.query.get("ritorno", _where_from(request)))
    context = {
        "providers": providers,
        "return_to": return_to,
        "for_desk": is_desk(return_to),
        "has_expired": await has_expired(request),
        "mark": lambda name: official_mark(request.app[SETTINGS].static_dir, name),
    }
    return await render_page(request, "login.html", "login", context)


def official_mark(static_dir: Path, name: str) -> str | None:
    """Return the file of a scheme's or a provider's mark, if `make marks` has taken it.

    A provider's is named after the host of its entityID.
    """
    host = urlsplit(name).hostname if "://" in name else name
    file = f"marks/{host}.svg"
    return file if host and (static_dir / file).is_file() else None


def _where_from(request: web.Request) -> str:
    """Return the page of this service that the browser comes from."""
    referer = request.headers.get(hdrs.REFERER, "")
    return referer.removeprefix(request.app[SETTINGS].base_url)


async def start_login(request: web.Request) -> web.Response:
    """Send the browser to the identity provider."""
    request.app[FLOODS].logins.take(address_of(request))
    login: Login = request.app[LOGIN]
    try:
        started = await login.start(
            request.query.get("idp", ""),
            request.query.get("ritorno", "/portale"),
            session_cookie_hash(request),
            cookie_of(request, _cookie_name(request)),
        )
    except LoginRefused as refused:
        return await _refused(request, refused)
    response = send_on(request, started.message)
    demo = request.app[SETTINGS].is_demo
    response.set_cookie(
        _cookie_name(request),
        started.browser_cookie,
        max_age=int(PENDING_LIMIT),
        path="/",
        httponly=True,
        secure=not demo,
        # The answer is a POST from the provider's site: only SameSite=None comes along with it.
        samesite="Lax" if demo else "None",
    )
    return response


async def assertion_consumer(request: web.Request) -> web.Response:
    """Take the identity provider's answer and log the citizen in, with a new session."""
    posted = await read_fields(request, ("SAMLResponse", "RelayState"), SAML_MAX)
    try:
        finished = await request.app[LOGIN].finish(
            posted["SAMLResponse"],
            posted["RelayState"],
            cookie_of(request, _cookie_name(request)),
            address_of(request),
        )
    except LoginRefused as refused:
        return await _refused(request, refused)
    if is_desk(finished.return_to):
        return await enter(request, finished.citizen, finished.return_to)
    cookie = await log_in(
        request.app[DATABASE], finished.session_hash, finished.citizen, time.time()
    )
    LOGINS.labels("succeeded").inc()
    page = finished.return_to
    with suppress(Unavailable):  # The answer of the provider counts once, so the cookie must leave.
        page = await _page_to_open(request.app, cookie, page)
    response = see_other(page)
    set_session_cookie(request.app, response, cookie)
    return response


async def _page_to_open(app: web.Application, cookie: str, return_to: str) -> str:
    """Return where to go back to: of a receipt that isn't the citizen's, the list of requests."""
    _, is_receipt, number = urlsplit(return_to).path.rpartition("/richieste/")
    session = await find_session(app[DATABASE], cookie, time.time()) if is_receipt else None
    if session is None or await request_of(app[DATABASE], session, number):
        return return_to
    before_login = await request_of(app[DATABASE], replace(session, citizen=None), number)
    return f"/richieste?{SENT_BEFORE}" if before_login else "/richieste"


async def log_out_route(request: web.Request) -> web.Response:
    """End the session here; at SPID level 2 the identity provider keeps none."""
    session = await current_session(request)
    if session:
        await log_out(request.app[DATABASE], session, time.time())
    response = see_other("/")
    drop_session_cookie(request.app, response)
    drop_rating_cookie(response)
    drop_language(request.app, response)
    return response


async def single_logout(request: web.Request) -> web.Response:
    """Answer an identity provider's logout request, which has no session here to end."""
    message: LogoutByRedirect | LogoutByForm
    if request.method == hdrs.METH_POST:
        posted = await read_fields(request, ("SAMLRequest", "RelayState"), SAML_MAX)
        message = LogoutByForm(posted["SAMLRequest"], posted["RelayState"])
    else:
        # The signature covers the raw query, so it must not be decoded here.
        message = LogoutByRedirect(request.raw_path.partition("?")[2])
    scheme = request.match_info["scheme"]
    try:
        answer = await request.app[LOGIN].answer_logout(scheme, message, datetime.now(UTC))
    except LoginRefused as refused:
        return await _refused(request, refused)
    return send_on(request, answer)


async def metadata(request: web.Request) -> web.Response:
    """Publish this service provider's metadata."""
    document = await request.app[LOGIN].metadata(request.match_info["scheme"])
    return web.Response(body=document, content_type="application/samlmetadata+xml")


async def _refused(request: web.Request, refused: LoginRefused) -> web.Response:
    LOGINS.labels(refused.key).inc()
    logger.warning("login refused: %s", refused.key)
    context = {
        "message": spoken(f"login.{refused.key}"),
        "leads_to": await _way_on(request, refused),
        "return_to": refused.return_to or safe_return(request.query.get("ritorno", "")),
    }
    return await render_page(request, "login_refused.html", "error", context, status=403)


async def _way_on(request: web.Request, refused: LoginRefused) -> str:
    """Return the page that helps after a refusal."""
    citizen, _ = await visitor_of(request)
    # A repeated post from the provider's site comes without the session's cookie.
    if citizen or refused.key == Reason.REPLAYED:
        return "portal"
    # Another attempt would return the same data.
    lacks_data = refused.key in (Reason.MISSING_ATTRIBUTE, Reason.INVALID_ATTRIBUTE)
    return "home" if lacks_data else "login"


def _cookie_name(request: web.Request) -> str:
    return cookie_name(request.app, "intercup-login")


async def _verify(app: web.Application) -> None:
    """Refuse to start without keys; problems of metadata files are only logged."""
    await app[LOGIN].verify()
    for problem in await app[LOGIN].provider_problems():
        logger.error("ALARM identity provider left out: %s", problem)


def add_routes(app: web.Application) -> None:
    """Add the login's routes."""
    scheme = "/{scheme:spid|cie}"
    app.router.add_get("/accedi", login_page)
    app.router.add_post("/esci", log_out_route)
    app.router.add_get("/spid/login", start_login)
    app.router.add_get("/spid/post.js", script)
    app.router.add_get(f"{scheme}/metadata", metadata)
    app.router.add_post(f"{scheme}/acs", assertion_consumer)
    app.router.add_get(f"{scheme}/slo", single_logout)
    app.router.add_post(f"{scheme}/slo", single_logout)
    app.on_startup.append(_verify)
