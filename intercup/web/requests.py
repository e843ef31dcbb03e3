"""The citizen's requests: their list, and a page with the receipt of each, to add to it."""

from contextlib import suppress
from datetime import UTC, datetime

from aiohttp import hdrs, web

from intercup.domain.addition import AdditionKind
from intercup.domain.dialogue import ACCESS, EMERGENCY
from intercup.domain.italian_time import ROME
from intercup.domain.normalise import normalise
from intercup.domain.request import DESCRIPTION_MAX
from intercup.errors import InvalidInput, NotFound, TooMany, Unavailable
from intercup.languages.visitor import italian, size_words
from intercup.services.chat.conversations import unsent_seal, unsent_text
from intercup.services.chat.inputs import FROM_CHAT
from intercup.services.chat.rasa_client import as_plain_text
from intercup.services.chat.words import label_of
from intercup.services.ids import hash_of, new_id
from intercup.services.limits import request_limits
from intercup.services.requests.add import AdditionOrder, IncompleteAddition, add_to_request
from intercup.services.requests.answer import is_refused, set_refused
from intercup.services.requests.lookup import RequestWithState, request_of, requests_of
from intercup.services.requests.rating import STARS
from intercup.services.structures.stored import category_of, structure_name_of
from intercup.texts import spoken
from intercup.web.app_keys import CHAT, DATABASE, FLOODS, RASA, SETTINGS, STRUCTURES
from intercup.web.form_fields import read_fields
from intercup.web.render import render_page, see_other
from intercup.web.request_words import (
    addition_words,
    hop_words,
    state_words,
    text_words,
)
from intercup.web.session_cookie import (
    came_from,
    current_citizen,
    current_session,
    login_first,
    require_citizen,
    session_cookie_hash,
)

KINDS = (AdditionKind.MORE, AdditionKind.WITHDRAWN)
FIELDS = ("kind", "addition", "form_key", "checked", "draft")
SENT_BEFORE = "prima"  # in the list's query: the receipt asked for was sent before the login


async def my_requests(request: web.Request) -> web.Response:
    """List the citizen's requests with their state."""
    citizen = await current_citizen(request)
    if citizen is None:
        return see_other(login_first(request))
    found = await requests_of(request.app[DATABASE], citizen.person_key)
    async with request.app[DATABASE].read() as reading:
        refused = await is_refused(reading, citizen.person_key)
    context = {
        "requests": [_shown(request, entry) for entry in found],
        "answer_days": request.app[SETTINGS].answer_days,
        "is_refused": refused,
        "sent_before": SENT_BEFORE in request.query,
    }
    return await render_page(request, "requests.html", "requests", context)


async def ask_or_not(request: web.Request) -> web.Response:
    """Stop asking the citizen whether requests were answered, or begin again."""
    citizen = await require_citizen(request)
    wanted = (await read_fields(request, ("questions",)))["questions"]
    if wanted not in ("yes", "no"):
        raise InvalidInput("bad_request")
    async with request.app[DATABASE].write() as writing:
        await set_refused(
            writing, citizen.person_key, refused=wanted == "no", now=datetime.now(UTC)
        )
    return see_other("/richieste#domande")


async def receipt(request: web.Request) -> web.Response:
    """Show a request's receipt for printing, also one sent in this session's chat before login."""
    values = dict.fromkeys(FIELDS, "")
    session, mark = await current_session(request), request.query.get(FROM_CHAT, "")
    if session and mark:
        text = await unsent_text(request.app[DATABASE], session, mark)
        values |= {"addition": text, "draft": unsent_seal(mark, text)} if text else {}
    return await _receipt_page(request, values)


async def add(request: web.Request) -> web.Response:
    """Add to the request, or show its page again with the problem and the typed text."""
    citizen = await require_citizen(request)
    values = await read_fields(request, FIELDS)
    if values["kind"] not in KINDS:
        raise InvalidInput("bad_request")
    app = request.app
    app[FLOODS].messages.take(session_cookie_hash(request) or "")
    order = AdditionOrder(
        person_key=citizen.person_key,
        number=request.match_info["number"],
        key=values["form_key"] or new_id(),
        kind=AdditionKind(values["kind"]),
        text=values["addition"],
        came_from=came_from(request),
    )
    try:
        if await _is_doubtful(request, order, values["checked"]):
            raise IncompleteAddition({"text": "text_doubt"})
        await add_to_request(
            app[DATABASE],
            app[STRUCTURES].directory,
            order,
            app[SETTINGS].mails,
            datetime.now(UTC),
            request_limits(app[SETTINGS]),
        )
    except IncompleteAddition as error:
        problem = spoken(f"addition_problem.{error.problems['text']}")
        values["checked"] = hash_of(values["addition"])
        return await _receipt_page(request, values, problem, error.status)
    except TooMany as error:
        problem = spoken(f"error.{error.key}")
        response = await _receipt_page(request, values, problem, error.status)
        response.headers[hdrs.RETRY_AFTER] = str(error.retry_after)
        return response
    session = await current_session(request)
    if session and values["draft"]:
        # The addition is stored: if its draft can't be ended, it stays open.
        with suppress(Unavailable):
            await app[CHAT].end_added(session, values["draft"], order.number)
    return see_other(f"{request.path}?aggiunta")


async def _is_doubtful(request: web.Request, order: AdditionOrder, checked: str) -> bool:
    """Return True if a text, not sent twice, speaks of an emergency."""
    if order.kind is AdditionKind.WITHDRAWN or checked == hash_of(order.text):
        return False
    text = as_plain_text(normalise(order.text)[:DESCRIPTION_MAX])
    if request.app[STRUCTURES].directory.emergency.tier_of(order.text) == "sure":
        return True
    ranking = await request.app[RASA].ranking_of(text)
    return bool(ranking) and ranking[0][0] == EMERGENCY


async def _receipt_page(
    request: web.Request, values: dict[str, str], problem: str = "", status: int = 200
) -> web.Response:
    session = await current_session(request)
    number = request.match_info["number"]
    found = await request_of(request.app[DATABASE], session, number) if session else None
    if found is None and (session is None or session.citizen is None):
        return see_other(login_first(request))
    if session is None or found is None:
        raise NotFound("not_found")
    context = {
        "request": _shown(request, found),
        "rating_key": new_id(),
        "star_texts": [spoken(f"input.star_{stars}") for stars in STARS],
        "values": values | {"form_key": values["form_key"] or new_id()},
        "problem": problem,
        "may_add": bool(session.citizen)
        and found.request.category != ACCESS
        and not found.is_withdrawn,
        "description_max": DESCRIPTION_MAX,
        "is_added": "aggiunta" in request.query,
        "answer_days": request.app[SETTINGS].answer_days,
    }
    return await render_page(request, "receipt.html", "requests", context, status=status)


def _shown(request: web.Request, entry: RequestWithState) -> dict[str, object]:
    directory = request.app[STRUCTURES].directory
    return {
        "number": entry.request.number,
        "category_label": label_of(category_of(directory, entry.request.category)),
        "structure_name": italian(structure_name_of(directory, entry.request.structure) or ""),
        "office_name": italian(entry.request.office_name),
        "sender": entry.request.sender,
        "email": entry.request.email,
        "created": entry.request.created_at.astimezone(ROME),
        "protocol": entry.request.protocol,
        "texts": text_words(entry),
        "files": [
            spoken("file.listed" if file.is_kept else "file.deleted", name=file.name, size=size)
            for file, size in ((each, size_words(each.size)) for each in entry.files)
        ],
        "state": entry.shown_state,
        "state_text": state_words(entry),
        "hops": hop_words(entry),
        "is_withdrawn": entry.is_withdrawn,
        "additions": [addition_words(added) for added in entry.additions],
        "copy_text": spoken("state.copy_failed") if entry.copy_failed else None,
    }


def add_routes(app: web.Application) -> None:
    """Add the requests' routes."""
    app.router.add_get("/richieste", my_requests)
    app.router.add_post("/richieste/domande", ask_or_not)
    app.router.add_get("/richieste/{number}", receipt)
    app.router.add_post("/richieste/{number}", add)
