"""The visitor's language: chosen in the menu, else noticed by the chat, else the browser's.

One cookie keeps it: a code if it was chosen, with a mark in front if it was noticed.
"""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import hdrs, web

from intercup.languages.catalogues import ITALIAN, direction, languages, own_name
from intercup.languages.visitor import IS_CHOSEN, LANGUAGE, PREFERS_ITALIAN
from intercup.web.app_keys import SETTINGS
from intercup.web.desk.place import is_desk
from intercup.web.session_cookie import cookie_name, cookie_of

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

COOKIE = "intercup-language"
NOTICED = "noticed-"
COOKIE_LIFE = 365 * 24 * 3600  # seconds
RANGES_READ = 10  # of Accept-Language
OFFICES = ("/inoltra/", "/demo/")  # read by people at work, who read Italian


@web.middleware
async def in_language(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Set the language before anything is said."""
    kept, chosen = kept_language(request), _chosen_language(request)
    IS_CHOSEN.set(chosen is not None)
    accepted = accepted_languages(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))
    PREFERS_ITALIAN.set(max(accepted, key=accepted.__getitem__, default=None) == ITALIAN)
    language = kept or best_of(accepted)
    LANGUAGE.set(language if has_languages(request.path) else ITALIAN)
    return await handler(request)


@web.middleware
async def chosen_language(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep the language of the menu's link, and lead to the same page without it."""
    chosen = request.query.get("lingua") if has_languages(request.path) else None
    if chosen is None or request.method != hdrs.METH_GET:
        return await handler(request)
    here = _own_address(str(request.rel_url.without_query_params("lingua")))
    response = web.Response(status=303, headers={hdrs.LOCATION: here})
    if chosen in languages():
        keep_language(request.app, response, chosen)
    return response


def has_languages(path: str) -> bool:
    """Return False for the pages that are in Italian only."""
    return not is_desk(path) and not path.startswith(OFFICES)


def keep_language(
    app: web.Application, response: web.StreamResponse, language: str, *, is_noticed: bool = False
) -> None:
    """Remember the language in the browser; no secret, so the provider's answers bring it too.

    A noticed one until the browser ends: a pasted sentence mustn't change the pages for good.
    """
    is_demo = app[SETTINGS].is_demo
    response.set_cookie(
        cookie_name(app, COOKIE),
        NOTICED + language if is_noticed else language,
        max_age=None if is_noticed else COOKIE_LIFE,
        path="/",
        httponly=True,
        secure=not is_demo,
        samesite="Lax" if is_demo else "None",
    )


def kept_language(request: web.Request) -> str | None:
    """Return the language that the browser remembers."""
    kept = (cookie_of(request, cookie_name(request.app, COOKIE)) or "").removeprefix(NOTICED)
    return kept if kept in languages() else None


def _chosen_language(request: web.Request) -> str | None:
    chosen = cookie_of(request, cookie_name(request.app, COOKIE))
    return chosen if chosen in languages() else None


def drop_language(app: web.Application, response: web.StreamResponse) -> None:
    """Forget the language: the next person at this browser may read another one."""
    is_demo = app[SETTINGS].is_demo
    response.del_cookie(
        cookie_name(app, COOKIE),
        path="/",
        httponly=True,
        secure=not is_demo,
        samesite="Lax" if is_demo else "None",
    )


def menu(request: web.Request) -> list[tuple[str, str, str, str]]:
    """Return code, own name, direction and address of each language."""
    if not has_languages(request.path):
        return []
    # The answer to a post has an address of its own only if it is a page's too.
    here = _own_address(str(request.rel_url)) if request.method == hdrs.METH_GET else "/"
    mark = "&" if "?" in here else "?"
    return [
        (code, own_name(code), direction(code), f"{here}{mark}lingua={code}")
        for code in languages()
    ]


def _own_address(address: str) -> str:
    """Return the address with one slash in front; more, of either kind, would name another host."""
    return f"/{address.lstrip('/\\')}"


def accepted_languages(header: str) -> dict[str, float]:
    """Return the browser's languages by code with their weights, in their order.

    Source: RFC 9110, 12.5.4.
    """
    weights: dict[str, float] = {}
    for entry in header.split(",", RANGES_READ)[:RANGES_READ]:
        name, _, weight = entry.partition(";")
        code = name.strip().partition("-")[0].lower()
        weights.setdefault(code, _weight(weight))
    return weights


def best_of(weights: Mapping[str, float]) -> str:
    """Return the best of a browser's languages: Italian if it is one of them, or none is ours."""
    read = [code for code in weights if code in languages() and weights[code] > 0]
    if ITALIAN in read or not read:
        return ITALIAN
    return max(read, key=lambda code: weights[code])


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
