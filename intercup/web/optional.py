"""/assistenza/altri-dati: optional answers to the request whose summary the chat shows."""

from urllib.parse import quote

from aiohttp import web

from intercup.domain.request import OPTIONAL_FIELDS
from intercup.errors import NotAuthenticated, StaleChoice
from intercup.services.chat.conversations import OpenConversation, find_conversation
from intercup.services.chat.optional_answers import checked_answers, optional_of
from intercup.services.login.sessions import Session
from intercup.texts import spoken
from intercup.web.app_keys import CHAT, DATABASE, FLOODS, STRUCTURES
from intercup.web.form import CHOICES, choices
from intercup.web.form_fields import read_fields
from intercup.web.render import render_page, see_other
from intercup.web.session_cookie import current_citizen, current_session, login_first

PATH = "/assistenza/altri-dati"


async def get_optional(request: web.Request) -> web.Response:
    """Show the answers given so far."""
    if await current_citizen(request) is None:
        return see_other(login_first(request))
    _, conversation = await _at_summary(request)
    directory = request.app[STRUCTURES].directory
    return await _page(request, conversation, optional_of(conversation.draft, directory), {})


async def post_optional(request: web.Request) -> web.Response:
    """Keep the answers, show them in the chat's summary and return there."""
    session, conversation = await _at_summary(request)
    request.app[FLOODS].messages.take(session.id_hash)
    values = await read_fields(request, OPTIONAL_FIELDS)
    values |= {name: "" for name, offers in CHOICES.items() if values[name] not in offers.values()}
    category = conversation.draft.get("category")
    given, problems = checked_answers(values, category, request.app[STRUCTURES].directory)
    if problems:
        return await _page(request, conversation, values, problems)
    await request.app[CHAT].keep_optional(session, given)
    return see_other(_back(conversation))


async def _at_summary(request: web.Request) -> tuple[Session, OpenConversation]:
    session = await current_session(request)
    if session is None or session.citizen is None:
        raise NotAuthenticated("not_authenticated")
    async with request.app[DATABASE].read() as reading:
        conversation = await find_conversation(reading, session)
    if conversation is None or conversation.draft.get("step") != "confirmation":
        raise StaleChoice("stale_choice")
    return session, conversation


def _back(conversation: OpenConversation) -> str:
    """Return the page that shows the chat itself: a phone's panel would be closed on any other."""
    structure = conversation.proposed_structure
    return f"/assistenza?structure={quote(structure)}" if structure else "/assistenza"


async def _page(
    request: web.Request,
    conversation: OpenConversation,
    values: dict[str, str],
    problems: dict[str, str],
) -> web.Response:
    category = request.app[STRUCTURES].directory.category_by_id.get(
        conversation.draft.get("category") or ""
    )
    context = {
        "values": values,
        "errors": {name: spoken(f"problem.{key}") for name, key in problems.items()},
        "choices": choices(),
        "asks_nre": category is None or not category.needs_no_nre,
        "back": _back(conversation),
    }
    return await render_page(
        request, "optional.html", "assistance", context, 422 if problems else 200
    )


def add_routes(app: web.Application) -> None:
    """Add the page's routes."""
    app.router.add_get(PATH, get_optional)
    app.router.add_post(PATH, post_optional)
