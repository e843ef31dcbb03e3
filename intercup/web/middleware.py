"""Middleware of every request: host, origin, errors as sentences, security headers."""

import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from intercup.errors import Compressed, NotAllowed, NotFound, ServiceError, Unavailable
from intercup.log import TRACE, TRACE_HEADER, trace_of
from intercup.metrics import FAILURES, observe
from intercup.texts import spoken
from intercup.tracing import Said
from intercup.web.app_keys import SETTINGS
from intercup.web.desk.page import DESK, DESK_OF, Desk
from intercup.web.desk.place import ENTRY, is_desk
from intercup.web.language import chosen_language, in_language
from intercup.web.public_pages import policy_with_counter
from intercup.web.render import render_page

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

logger = logging.getLogger(__name__)
access = logging.getLogger("intercup.access")

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Posts from the identity provider's own site, protected by its signature.
CROSS_SITE_PATHS = frozenset({"/spid/acs", "/spid/slo", "/cie/acs", "/cie/slo"})
JSON_PATHS = ("/chat/", "/sessione")
# A monitor asks for them by any name, and often: they aren't logged.
PROBES = frozenset({"/live", "/ready", "/health"})
CLIENT_LEFT = 499  # as nginx logs it
EVENTS = "/chat/events"  # open as long as the page
RETRY_AFTER = 30  # seconds, if the error has no value of its own

# The hash of an empty text: in browsers without adopted style sheets (before 2023) the widget
# fills an empty style element through the object model. It allows no style element with text.
EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        f"style-src 'self' {EMPTY_STYLE}",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types lit-html intercup-assistenza",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# The address of such a page grants access: it must not reach other pages or search engines.
LINK_PAGES = ("/inoltra/", "/risposta/")
LINK_PAGE_HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
_ERROR_KEYS = {
    400: "bad_request",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
}


@web.middleware
async def logged(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Log a line for each request: its route, never its query or texts."""
    proxied = request.app[SETTINGS].http_proxies > 0
    TRACE.set(trace_of(request.headers.get(TRACE_HEADER) if proxied else None))
    began, status = time.monotonic(), CLIENT_LEFT
    try:
        response = await handler(request)
        status = response.status
        return response
    finally:
        seconds, route = time.monotonic() - began, _route_of(request)
        if request.path not in (*PROBES, EVENTS):
            said: Said = {"http.route": route, "http.response.status_code": status}
            observe("web", seconds, said=said)
        fields = {
            "method": request.method,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000),
        }
        level = logging.DEBUG if request.path in PROBES else logging.INFO
        line = "%(method)s %(route)s %(status)d %(ms)d ms"
        access.log(level, line, fields, extra={"fields": fields})


@web.middleware
async def security_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Add the headers that protect a page's content."""
    response = await handler(request)
    if not response.prepared:
        if request.path.startswith(LINK_PAGES):
            response.headers.update(LINK_PAGE_HEADERS)
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        policy = response.headers["Content-Security-Policy"]
        response.headers["Content-Security-Policy"] = policy_with_counter(request, policy)
        if not request.app[SETTINGS].is_demo:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
    return response


async def last_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Name the request; remove the header with the versions of Python and aiohttp."""
    response.headers[TRACE_HEADER] = TRACE.get()
    response.headers.popall(hdrs.SERVER, None)


@web.middleware
async def errors_as_sentences(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every failure with a sentence, as a page or as JSON; log our own bugs."""
    try:
        return await handler(request)
    except ServiceError as error:
        FAILURES.labels("web", error.key).inc()
        return await _failure(request, error.status, error.key, error.retry_after)
    except web.RequestPayloadError:
        return await _failure(request, 400, "bad_request")
    except web.HTTPException as error:
        status = error.status if error.status in _ERROR_KEYS else 400
        response = await _failure(request, status, _ERROR_KEYS[status])
        if isinstance(error, web.HTTPMethodNotAllowed):
            response.headers[hdrs.ALLOW] = ", ".join(sorted(error.allowed_methods))
        return response
    except Exception:
        FAILURES.labels("web", "internal").inc()
        logger.exception("%s %s failed", request.method, _route_of(request))
        return await _failure(request, 500, "internal")


@web.middleware
async def plain_bodies(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse compressed bodies, which may be huge when unpacked."""
    encodings = request.headers.getall(hdrs.CONTENT_ENCODING, ())
    if any(encoding.strip().lower() != "identity" for encoding in encodings):
        raise Compressed("compressed")
    return await handler(request)


@web.middleware
async def one_host(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Redirect a browser that uses another host name to the configured one."""
    settings = request.app[SETTINGS]
    base, desk = urlsplit(settings.base_url), urlsplit(settings.desk_url)
    if is_desk(request.path) and request.host != desk.netloc and desk != base:
        raise NotFound("not_found")
    is_shared = request.path in PROBES or request.path.startswith("/static/")
    own = desk if is_desk(request.path) or (is_shared and request.host == desk.netloc) else base
    if request.host != own.netloc and request.path not in PROBES:
        if request.method not in SAFE_METHODS:
            raise NotAllowed("not_allowed")
        target = settings.base_url + request.raw_path
        return web.Response(status=307, headers={hdrs.LOCATION: target})
    return await handler(request)


@web.middleware
async def no_slash_at_the_end(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Redirect `/assistenza/`, a common way to write it, to `/assistenza`."""
    path, mark, query = request.raw_path.partition("?")
    if isinstance(request.match_info.http_exception, web.HTTPNotFound) and path.endswith("/"):
        target = request.app[SETTINGS].base_url + path.rstrip("/") + mark + query
        return web.Response(status=308, headers={hdrs.LOCATION: target})
    return await handler(request)


@web.middleware
async def same_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse requests that another site makes a browser send."""
    could_change = request.method not in SAFE_METHODS and request.path not in CROSS_SITE_PATHS
    if could_change and not _is_from_here(request):
        raise NotAllowed("not_allowed")
    return await handler(request)


def _is_from_here(request: web.Request) -> bool:
    origin = request.headers.get(hdrs.ORIGIN)
    if origin == "null":
        # Sent by our pages with `no-referrer`; no page can set Sec-Fetch-Site itself.
        return request.headers.get("Sec-Fetch-Site") == "same-origin"
    settings = request.app[SETTINGS]
    at_desk = is_desk(request.path) and request.path != ENTRY
    return origin == (settings.desk_url if at_desk else settings.base_url)


MIDDLEWARES = (
    logged,
    in_language,
    security_headers,
    errors_as_sentences,
    plain_bodies,
    one_host,
    no_slash_at_the_end,
    same_origin,
    chosen_language,
)


async def _failure(
    request: web.Request, status: int, key: str, retry_after: int | None = None
) -> web.Response:
    if _wants_json(request):
        body = {"error": key, "message": spoken(f"error.{key}")}
        response = web.json_response(body, status=status)
    else:
        context: dict[str, Any] = {
            "status": status,
            "title": spoken(f"title.{status}"),
            "message": spoken(f"error.{key}"),
            "key": key,
            "repeatable": request.method == hdrs.METH_GET and status in (429, 500, 503),
        }
        template = "error.html"
        if desk := await _desk_of(request, status):
            template = "desk_error.html"
            context |= {"desk": desk, "citizen": None, "known": False}
        response = await render_page(request, template, "error", context, status=status)
    if status == Unavailable.status:
        retry_after = retry_after or RETRY_AFTER
    if retry_after is not None:
        response.headers[hdrs.RETRY_AFTER] = str(retry_after)
    return response


async def _desk_of(request: web.Request, status: int) -> Desk | None:
    """Return the desk of a member, also where it has no such page; a failure looks for nobody."""
    if request.get(DESK) or status != NotFound.status or not is_desk(request.path):
        return request.get(DESK)
    with suppress(Unavailable):
        return await request.app[DESK_OF](request)
    return None


def _wants_json(request: web.Request) -> bool:
    """Return True for JSON routes and programs; a browser always accepts HTML too."""
    accepted = request.headers.get(hdrs.ACCEPT, "")
    asks_json = "application/json" in accepted and "text/html" not in accepted
    return asks_json or request.path.startswith(JSON_PATHS)


def _route_of(request: web.Request) -> str:
    """Return the route's pattern, without values."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "?"
