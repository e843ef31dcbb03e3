"""The place of the desk: its paths, its host and the addresses that may reach it."""

from ipaddress import ip_address, ip_network

from aiohttp import web

from intercup.web.app_keys import SETTINGS
from intercup.web.client_ip import address_of

ROOT = "/presidio"
ENTRY = f"{ROOT}/entra"


def is_desk(path: str) -> bool:
    """Return True for the desk's own paths."""
    return path == ROOT or path.startswith(f"{ROOT}/")


def may_reach(request: web.Request) -> bool:
    """Return True if the desk answers to the client's address."""
    networks = request.app[SETTINGS].desk_addresses
    if not networks:
        return True
    try:
        address = ip_address(address_of(request))
    except ValueError:
        return False
    return any(address in ip_network(network) for network in networks)
