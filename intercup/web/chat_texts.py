"""The widget's sentences in the visitor's language, from the catalogues; Italian it has itself."""

import json
from functools import cache

from aiohttp import hdrs, web

from intercup.languages.catalogues import ITALIAN, direction, fact_words, languages, of_widget
from intercup.languages.visitor import LANGUAGE
from intercup.web.versioned import FOREVER, version_of

PATH = "/chat/testi/{language}"


def texts_address(language: str) -> str:
    """Return the address of the sentences in a language; empty in Italian."""
    if language == ITALIAN:
        return ""
    return f"{PATH.format(language=language)}?v={_version(language)}"


def chat_language() -> dict[str, str]:
    """Return the chat's language, as the widget follows it."""
    language = LANGUAGE.get()
    return {"lang": language, "texts": texts_address(language)}


@cache
def _texts(language: str) -> bytes:
    chat, files = of_widget(language)
    about_files = {**files, "words": fact_words(language)}
    spoken = {"lang": language, "dir": direction(language), **chat, "files": about_files}
    return json.dumps(spoken, ensure_ascii=False).encode()


@cache
def _version(language: str) -> str:
    return version_of(_texts(language))


async def get_texts(request: web.Request) -> web.Response:
    """Return the sentences in a language."""
    language = request.match_info["language"]
    if language not in languages() or language == ITALIAN:
        raise web.HTTPNotFound
    response = web.Response(body=_texts(language), content_type="application/json")
    response.enable_compression()
    # Before or after an update another process may answer than the one that gave the address.
    is_asked_for = request.query.get("v") == _version(language)
    response.headers[hdrs.CACHE_CONTROL] = FOREVER if is_asked_for else "no-store"
    return response


def add_routes(app: web.Application) -> None:
    """Add the route."""
    app.router.add_get(PATH, get_texts)
