"""The satisfaction questions after a request: the stars, then the reason."""

from aiohttp import web

from intercup.errors import InvalidInput
from intercup.services.ids import new_id
from intercup.services.requests.rating import (
    DETAILS_MAX,
    REASONS,
    SATISFIED,
    Explanation,
    save_rating,
)
from intercup.texts import TEXTS
from intercup.web.app_keys import DATABASE, FLOODS
from intercup.web.form_fields import read_fields
from intercup.web.render import render_page
from intercup.web.session_cookie import require_citizen, session_cookie_hash

FIELDS = ("rating", "rating_key", "reason", "details")


async def rate(request: web.Request) -> web.Response:
    """Store the stars, unlinked from the person, and ask for the reason."""
    values = await _read(request)
    await save_rating(request.app[DATABASE], values["rating"], values["rating_key"])
    return await _question(request, values)


async def explain(request: web.Request) -> web.Response:
    """Store the reason, or ask again for a shorter text."""
    values = await _read(request)
    explanation = Explanation(values["reason"], values["details"])
    try:
        await save_rating(
            request.app[DATABASE], values["rating"], values["rating_key"], explanation
        )
    except InvalidInput as error:
        if error.key != "details_long":
            raise
        return await _question(request, values, TEXTS(f"error.{error.key}"), error.status)
    return await render_page(request, "rated.html", "rated")


async def _read(request: web.Request) -> dict[str, str]:
    await require_citizen(request)
    request.app[FLOODS].ratings.take(session_cookie_hash(request) or "")
    values = await read_fields(request, FIELDS)
    return values | {"rating_key": values["rating_key"] or new_id()}


async def _question(
    request: web.Request, values: dict[str, str], error: str = "", status: int = 200
) -> web.Response:
    kind = "liked" if int(values["rating"]) >= SATISFIED else "hard"
    context = {
        "values": values,
        "error": error,
        "question": TEXTS(f"rating_{kind}.question"),
        "reasons": [(reason, TEXTS(f"rating_{kind}.{reason}")) for reason in REASONS],
        "details_max": DETAILS_MAX,
    }
    return await render_page(request, "rating.html", "rated", context, status=status)


def add_routes(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_post("/valutazione", rate)
    app.router.add_post("/valutazione/motivo", explain)
