"""The IP address that a request comes from, for limits only."""

from ipaddress import IPv6Address, ip_address

from aiohttp import web

from intercup.web.app_keys import SETTINGS


def address_of(request: web.Request) -> str:
    """Return the client's address; behind proxies of ours, what the outermost of them has seen.

    Each proxy adds to X-Forwarded-For whom it was called by; what stands before was said by others.
    """
    proxies = request.app[SETTINGS].http_proxies
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if proxies and len(seen) >= proxies and seen[-proxies]:
        return _of_one_line(seen[-proxies])
    return _of_one_line(request.remote or "")


def _of_one_line(address: str) -> str:
    """Return an IPv6 address without the half that whoever has the line may choose."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or IPv6Address(int(ip) >> 64 << 64)
    return str(ip)
