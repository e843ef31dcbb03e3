"""The IP address that a request comes from, for limits only."""

from aiohttp import web

from intercup.web.keys import SETTINGS


def address_of(request: web.Request) -> str:
    """Return the client's address; behind proxies of ours, what the outermost of them has seen.

    Each proxy adds to X-Forwarded-For whom it was called by; what stands before was said by others.
    """
    proxies = request.app[SETTINGS].http_proxies
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if proxies and len(seen) >= proxies and seen[-proxies]:
        return seen[-proxies][:64]
    return request.remote or ""
