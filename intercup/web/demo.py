"""The mailbox page of the demo profile, with the mails to offices and citizens."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from intercup.mail.catcher import CaughtMail, read_caught
from intercup.web.app_keys import SETTINGS
from intercup.web.render import render_page


async def mailbox(request: web.Request) -> web.Response:
    """Show the mails, newest first."""
    return await render_page(request, "mailbox.html", "mailbox", {"mails": await _mails(request)})


async def mailbox_json(request: web.Request) -> web.Response:
    """Return the mails as JSON, newest first."""
    return web.json_response(await _mails(request))


async def _mails(request: web.Request) -> list[CaughtMail]:
    folder = request.app[SETTINGS].mailbox_dir
    return await asyncio.to_thread(lambda: list(_newest_first(folder)))


def _newest_first(folder: Path) -> Iterator[CaughtMail]:
    for path in sorted(folder.glob("*.eml"), reverse=True):
        with suppress(FileNotFoundError):  # the catcher has just deleted it
            yield read_caught(path)


def add_routes(app: web.Application) -> None:
    """Add the demo's routes."""
    app.router.add_get("/demo/mailbox", mailbox)
    app.router.add_get("/demo/mailbox.json", mailbox_json)
