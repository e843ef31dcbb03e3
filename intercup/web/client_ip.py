"""The IP address that a request comes from, for limits only."""

import re
from ipaddress import IPv6Address, ip_address

from aiohttp import web

from intercup.web.app_keys import SETTINGS

# Some proxies write the port too, and then an IPv6 address in brackets.
_WITH_PORT = re.compile(r"\[([^\]]*)\](?::\d+)?|([\d.]+):\d+")


def address_of(request: web.Request) -> str:
    """Return the client's address; behind proxies of ours, what the outermost of them has seen.

    Each proxy adds to X-Forwarded-For whom it was called by; what stands before was said by others.
    """
    proxies = request.app[SETTINGS].http_proxies
    # A proxy may add a line of its own after the client's, instead of going on with it.
    lines = ",".join(request.headers.getall("X-Forwarded-For", []))
    seen = [part.strip() for part in lines.split(",")]
    if proxies and len(seen) >= proxies and seen[-proxies]:
        return of_one_line(seen[-proxies])
    return of_one_line(request.remote or "")


def of_one_line(address: str) -> str:
    """Return the address alone; of an IPv6 one, not the half that its holder may choose."""
    found = _WITH_PORT.fullmatch(address)
    try:
        ip = ip_address((found[1] or found[2]) if found else address)
    except ValueError:
        return address[:64]
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or IPv6Address(int(ip) >> 64 << 64)
    return str(ip)
