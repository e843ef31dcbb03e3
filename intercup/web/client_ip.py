"""The client's IP address of a request, for limits only."""

import re
from ipaddress import IPv6Address, ip_address

from aiohttp import web

from intercup.web.app_keys import SETTINGS

# Some proxies add the port, with an IPv6 address in brackets.
_WITH_PORT = re.compile(r"\[([^\]]*)\](?::\d+)?|([\d.]+):\d+")


def address_of(request: web.Request) -> str:
    """Return the client's address; behind our proxies, the one seen by the outermost of them.

    Each proxy appends its caller to X-Forwarded-For; earlier entries come from the client.
    """
    proxies = request.app[SETTINGS].http_proxies
    # A proxy may add a header line of its own instead of extending the client's.
    lines = ",".join(request.headers.getall("X-Forwarded-For", []))
    seen = [part.strip() for part in lines.split(",")]
    if proxies and len(seen) >= proxies and seen[-proxies]:
        return of_one_line(seen[-proxies])
    return of_one_line(request.remote or "")


def of_one_line(address: str) -> str:
    """Return the address without port; of IPv6 only the /64, as holders choose the rest."""
    found = _WITH_PORT.fullmatch(address)
    try:
        ip = ip_address((found[1] or found[2]) if found else address)
    except ValueError:
        return address[:64]
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or IPv6Address(int(ip) >> 64 << 64)
    return str(ip)
