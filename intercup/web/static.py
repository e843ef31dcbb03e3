"""The built files of widget and pages, with URLs that change with their content.

An administration's own icons take the place of the built ones.
"""

from pathlib import Path

from aiohttp import hdrs, web

from intercup.administration import ICONS, administration
from intercup.errors import NotFound
from intercup.web.app_keys import SETTINGS
from intercup.web.render import asset_url
from intercup.web.versioned import FOREVER

_FILES = web.AppKey("static_files", dict[str, Path])
FONTS = "fonts/"  # their names carry their version
ICON = "favicon.ico"  # requested by browsers if a page names no other icon
BRIEFLY = "public, max-age=300"


async def static_file(request: web.Request) -> web.StreamResponse:
    """Send a file present at the start of the service."""
    name = request.match_info.get("name", ICON)
    path = request.app[_FILES].get(name)
    if path is None:
        raise NotFound("not_found")
    # Only the URL of this content: during an update browsers may request the other version.
    is_named = str(request.rel_url) == asset_url(request.app[SETTINGS].static_dir, name)
    caching = FOREVER if is_named or name.startswith(FONTS) else BRIEFLY
    return web.FileResponse(path, headers={hdrs.CACHE_CONTROL: caching})


def add_routes(app: web.Application) -> None:
    """Add a route for the files of the static folder."""
    folder = app[SETTINGS].static_dir
    app[_FILES] = {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }
    own = {name: administration().appearance.icon_file(name) for name in ICONS}
    app[_FILES] |= {name: path for name, path in own.items() if path}
    app.router.add_get("/static/{name:.+}", static_file)
    app.router.add_get(f"/{ICON}", static_file)
