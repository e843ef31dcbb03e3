"""The plain form: the same request without chat and without JavaScript."""

import asyncio
from datetime import UTC, datetime

from aiohttp import hdrs, web

from intercup.domain.consent import CONSENTS
from intercup.domain.request import RegisteredRequest, RequestForm, Sender
from intercup.errors import InvalidInput, TooMany, Unavailable
from intercup.services.limits import key_of, request_limits
from intercup.services.sessions import new_id
from intercup.services.submit_request import IncompleteRequest, Submission, submit_request
from intercup.texts import TEXTS
from intercup.web.client_address import address_of
from intercup.web.json_body import BODY_TIMEOUT
from intercup.web.keys import DATABASE, DIRECTORY, SETTINGS
from intercup.web.page import render_page
from intercup.web.session_cookie import current_citizen, current_session

# Fields where line ends are usual: people's text, and base64 as some identity providers break it.
WITH_LINES = frozenset({"description", "SAMLResponse", "SAMLRequest"})
FIELDS = ("category", "structure", "description", "privacy", "regulation", "submission_key")


async def get_form(request: web.Request) -> web.Response:
    """Show the form, with the structure of the page it was reached from."""
    structure = request.query.get("structure", "")
    if structure not in request.app[DIRECTORY].structure_by_id:
        structure = ""
    return await _form_page(request, {"structure": structure}, {})


async def post_form(request: web.Request) -> web.Response:
    """Register the request, or show the form again with what is missing; nothing typed is lost."""
    values = await read_fields(request, FIELDS)
    try:
        citizen = await current_citizen(request)
        if citizen is None:
            return await _form_page(request, values, {}, status=401)
        registered = await _submit(request, values, citizen)
    except IncompleteRequest as error:
        problems = {name: TEXTS(f"problem.{key}") for name, key in error.problems.items()}
        return await _form_page(request, values, problems, status=422)
    except (InvalidInput, TooMany, Unavailable) as error:
        response = await _form_page(
            request, values, {"form": TEXTS(f"error.{error.key}")}, status=error.status
        )
        if error.retry_after is not None:
            response.headers[hdrs.RETRY_AFTER] = str(error.retry_after)
        return response
    return await render_page(
        request, "submitted.html", "assistance", {"request": _shown(request, registered)}
    )


async def _submit(
    request: web.Request, values: dict[str, str], citizen: Sender
) -> RegisteredRequest:
    form = RequestForm(
        category=values["category"] or None,
        structure=values["structure"] or None,
        description=values["description"],
        consents=frozenset(c.id for c in CONSENTS if values[c.id] == "on"),
    )
    app = request.app
    session = await current_session(request)
    came_from = {"ip": key_of(app[SETTINGS].secret_key, "ip", address_of(request))}
    if session:
        came_from["session"] = session.id_hash
    key = values["submission_key"] or new_id()
    return await submit_request(
        app[DATABASE],
        app[DIRECTORY],
        Submission(key, form, citizen, "form", came_from=came_from),
        app[SETTINGS].mail_from,
        datetime.now(UTC),
        request_limits(app[SETTINGS]),
    )


async def read_fields(request: web.Request, names: tuple[str, ...]) -> dict[str, str]:
    """Read the text fields of a form; a missing one is empty.

    Raises:
        InvalidInput: the body isn't a form, comes too slowly, or holds control characters
            where no person types.
    """
    if (
        request.content_type != "application/x-www-form-urlencoded"
        or (request.charset or "utf-8").lower() != "utf-8"
    ):
        raise InvalidInput("bad_request")
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            posted = await request.post()
    except (ValueError, LookupError, TimeoutError) as error:
        raise InvalidInput("bad_request") from error
    values = {name: str(posted.get(name, "")) for name in names}
    if not all(values[name].isprintable() for name in values.keys() - WITH_LINES):
        raise InvalidInput("bad_request")
    return values


async def _form_page(
    request: web.Request, values: dict[str, str], errors: dict[str, str], status: int = 200
) -> web.Response:
    directory = request.app[DIRECTORY]
    context = {
        "form": {"values": values, "errors": errors},
        "categories": directory.categories,
        "structures": directory.structures_by_province,
        "consents": CONSENTS,
        "submission_key": values.get("submission_key") or new_id(),
    }
    return await render_page(request, "assistance.html", "assistance", context, status=status)


def _shown(request: web.Request, registered: RegisteredRequest) -> dict[str, object]:
    directory = request.app[DIRECTORY]
    structure = directory.structure_by_id.get(registered.structure or "")
    return {
        "number": registered.number,
        "category_label": directory.category_by_id[registered.category].label,
        "structure_name": structure.name if structure else None,
        "office_name": registered.office_name,
        "created": registered.created_at,
        "description": registered.description,
    }
