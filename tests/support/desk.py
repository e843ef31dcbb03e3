"""Members of the technical team in the tests, logged in at the desk."""

import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from sqlalchemy import select
from yarl import URL

from intercup.db.engine import Database
from intercup.db.tables import DeskEvent
from intercup.domain.staff import Role
from intercup.services.staff import members, sessions
from tests.support.web_service import Browser, Service

COOKIE = "intercup-presidio"


async def desk_cookie(
    database: Database, roles: Iterable[Role], name: str = "Rosa", **more: bool
) -> str:
    """Add a member and return the cookie of a session."""
    async with database.write() as writing:
        await members.add(writing, f"person of {name}", name, roles, time.time())
    cookie = await sessions.open_session(database, f"person of {name}", time.time(), **more)
    assert cookie
    return cookie


@asynccontextmanager
async def at_desk(service: Service, *roles: Role, name: str = "Rosa") -> AsyncIterator[Browser]:
    """A member's browser, with all roles if none is given."""
    cookie = await desk_cookie(service.database, roles or Role, name)
    async with service.browser() as browser:
        browser.session.cookie_jar.update_cookies({COOKIE: cookie}, URL(service.base_url))
        yield browser


async def logged(database: Database) -> list[tuple[str, str, str, str]]:
    """List the log: member, action, subject and detail of each entry, oldest first.

    Pages that log no more than that they were looked at are left out.
    """
    more = select(DeskEvent).where(DeskEvent.action != "page_seen")
    async with database.read() as reading:
        rows = await reading.scalars(more.order_by(DeskEvent.id))
        return [(row.who, row.action, row.subject, row.detail) for row in rows]
