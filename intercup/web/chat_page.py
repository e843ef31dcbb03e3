"""/chat/page: what the page knows, kept as the chat's summary shows it when it is sent."""

from aiohttp import web

from intercup.domain.request import PAGE_FACTS, page_facts_of
from intercup.errors import NotAuthenticated
from intercup.services.login.sessions import Session
from intercup.web.app_keys import CHAT, FLOODS
from intercup.web.form_fields import read_fields
from intercup.web.session_cookie import current_session

PATH = "/chat/page"


async def post_page(request: web.Request) -> web.Response:
    """Keep the facts with the draft; empty ones take back those before."""
    session = await _session_of(request)
    request.app[FLOODS].messages.take(session.id_hash)
    values = await read_fields(request, ("draft", PAGE_FACTS))
    facts = page_facts_of(values[PAGE_FACTS])
    await request.app[CHAT].keep_page_facts(session, values["draft"], facts)
    return web.json_response({})


async def _session_of(request: web.Request) -> Session:
    session = await current_session(request)
    if session is None or session.citizen is None:
        raise NotAuthenticated("not_authenticated")
    return session


def add_routes(app: web.Application) -> None:
    """Add the route."""
    app.router.add_post(PATH, post_page)
