"""/presidio: the first page."""

from aiohttp import web

from intercup.texts import TEXTS
from intercup.web.desk.page import DESK, desk_page


async def show(request: web.Request) -> web.Response:
    """Show the parts of the desk that the member's roles open."""
    parts = [
        (path, text, TEXTS(f"desk_about.{name}")) for path, name, text in request[DESK].menu[1:]
    ]
    return await desk_page(request, "desk_start.html", "start", {"parts": parts})
