"""The satisfaction questions after a request: the stars, then the reason."""

from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from intercup.errors import InvalidInput, NotFound
from intercup.services.ids import new_id
from intercup.services.requests.rating import (
    DETAILS_MAX,
    REASONS,
    SATISFIED,
    STARS,
    Explanation,
    save_rating,
)
from intercup.texts import spoken
from intercup.web.app_keys import DATABASE, FLOODS, SETTINGS
from intercup.web.form_fields import read_fields
from intercup.web.render import render_page, see_other
from intercup.web.session_cookie import cookie_of, require_citizen, session_cookie_hash

FIELDS = ("rating", "rating_key", "reason", "details")
COOKIE = "intercup-rating"
KEPT = ("rating", "rating_key")
COOKIE_LIMIT = 15 * 60  # seconds


async def rate(request: web.Request) -> web.Response:
    """Store the stars, unlinked from the person, and lead to the question for the reason."""
    values = await _read(request)
    await save_rating(request.app[DATABASE], values["rating"], values["rating_key"])
    response = see_other("/valutazione/motivo")
    # In an address, the stars would be in the proxy's log beside the person's IP address.
    response.set_cookie(
        COOKIE,
        urlencode({name: values[name] for name in KEPT}),
        max_age=COOKIE_LIMIT,
        path="/valutazione",
        httponly=True,
        secure=not request.app[SETTINGS].is_demo,
        samesite="Strict",
    )
    return response


async def ask_reason(request: web.Request) -> web.Response:
    """Ask for the reason of the stars just given."""
    await require_citizen(request)
    kept = dict(parse_qsl(cookie_of(request, COOKIE) or ""))
    values = dict.fromkeys(FIELDS, "") | {name: kept.get(name, "") for name in KEPT}
    if values["rating"] not in STARS:
        raise NotFound("not_found")
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
        return await _question(request, values, spoken(f"error.{error.key}"), error.status)
    response = see_other("/valutazione/grazie")
    # The next person at a shared computer must not go on with these stars.
    drop_rating_cookie(response)
    return response


def drop_rating_cookie(response: web.Response) -> None:
    """Delete the stars kept for the question for the reason."""
    response.del_cookie(COOKIE, path="/valutazione")


async def thanks(request: web.Request) -> web.Response:
    """Thank for the answer."""
    await require_citizen(request)
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
        "question": spoken(f"rating_{kind}.question"),
        "reasons": [(reason, spoken(f"rating_{kind}.{reason}")) for reason in REASONS],
        "details_max": DETAILS_MAX,
    }
    return await render_page(request, "rating.html", "rated", context, status=status)


def add_routes(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_post("/valutazione", rate)
    app.router.add_get("/valutazione/motivo", ask_reason)
    app.router.add_post("/valutazione/motivo", explain)
    app.router.add_get("/valutazione/grazie", thanks)
