"""A page of the desk: its member, its log, its rendering."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.domain.staff import Member
from intercup.services.ids import short
from intercup.services.staff.log import note
from intercup.web.app_keys import DATABASE
from intercup.web.render import render_page


@dataclass(frozen=True)
class Desk:
    """The member of a request, and the menu: path, name of the page and its text."""

    member: Member
    menu: tuple[tuple[str, str, str], ...]


DESK = web.RequestKey("desk", Desk)
DESK_OF: web.AppKey[Callable[[web.Request], Awaitable[Desk | None]]] = web.AppKey("desk_of")


async def noted(request: web.Request, action: str, subject: str = "", detail: str = "") -> None:
    """Log what the member is about to see; `action` is a key of `desk_action`."""
    async with request.app[DATABASE].write() as writing:
        note_change(request, writing, action, subject, detail)


def note_change(
    request: web.Request, writing: AsyncSession, action: str, subject: str = "", detail: str = ""
) -> None:
    """Log what the member has changed, in the transaction of the change."""
    note(writing, request[DESK].member.name, action, time.time(), subject, detail)


async def desk_page(
    request: web.Request, template: str, page: str, context: dict[str, Any], status: int = 200
) -> web.Response:
    """Render a template that extends desk.html; `page` is its key in `desk_menu`, or empty."""
    shown = {"desk": request[DESK], "citizen": None, "known": False, "short": short} | context
    return await render_page(request, template, page, shown, status)


def typing_verdict(problem: str) -> web.Response:
    """Return what the rules have against a text that somebody is typing; empty if nothing."""
    return web.json_response({"problem": problem})
