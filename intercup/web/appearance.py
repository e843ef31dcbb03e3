"""Logo and colours of the administration, beside the built style sheet."""

from pathlib import Path

from aiohttp import web

from intercup.administration import administration
from intercup.errors import NotFound

# The roles that the main colour has in pages and widget; dark theme and print keep their own.
_COLOURS = """@media screen and (prefers-color-scheme: light) {{
  :root {{
    --own-primary: {primary};
    --own-primary-dark: {dark};
    --primary: {primary};
    --primary-dark: {dark};
    --bar: {primary};
    --slim-bar: {dark};
    --bar-button: {primary};
    --bar-button-dark: {dark};
    --foot: {dark};
  }}
}}
"""
LOGO, STYLE = "/amministrazione/logo.svg", "/amministrazione/colori.css"


async def logo(_request: web.Request) -> web.StreamResponse:
    """Send the logo, if there is one."""
    path = administration().appearance.logo
    if not path:
        raise NotFound("not_found")
    return web.FileResponse(Path(path))


async def colours(_request: web.Request) -> web.Response:
    """Send the style sheet with the main colour, empty without one."""
    looks = administration().appearance
    text = _COLOURS.format(primary=looks.primary, dark=looks.primary_dark or looks.primary)
    return web.Response(text=text if looks.primary else "", content_type="text/css")


def add_routes(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get(LOGO, logo)
    app.router.add_get(STYLE, colours)
