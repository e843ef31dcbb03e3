"""Rendering of pages, with the values common to all templates."""

from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import hdrs, web
from babel.numbers import format_decimal

from intercup.administration import administration
from intercup.domain.request import Citizen
from intercup.errors import Unavailable
from intercup.languages.catalogues import direction, languages, own_name
from intercup.languages.visitor import LANGUAGE, italian, time_text
from intercup.log import TRACE
from intercup.services.login.login import safe_return
from intercup.services.notices.notices import Kind
from intercup.texts import spoken, spoken_own, spoken_words
from intercup.web.app_keys import NOTICES, SETTINGS, STRUCTURES
from intercup.web.chat_texts import texts_address
from intercup.web.language import menu
from intercup.web.public_pages import counter_of
from intercup.web.session_cookie import current_citizen
from intercup.web.translation import TranslationExtension, translator
from intercup.web.versioned import version_of

TEMPLATES = Path(__file__).parent / "templates"
ENVIRONMENTS = web.AppKey("environments", dict[str, web.AppKey[jinja2.Environment]])


def set_up_templates(app: web.Application) -> None:
    """Let the application render the templates of this package, in each language."""
    app[ENVIRONMENTS] = {
        language: web.AppKey(f"environment-{language}", jinja2.Environment)
        for language in languages()
    }
    for language, key in app[ENVIRONMENTS].items():
        app[key] = _environment(language)


@cache
def _environment(language: str) -> jinja2.Environment:
    """Return the templates in a language; a process compiles each once."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        extensions=[TranslationExtension],
        autoescape=jinja2.select_autoescape(),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.globals |= {
        "language": language,
        "direction": direction(language),
        "chat_texts": texts_address(language),
        "own_name": own_name(language),
        "_": translator(language),
        "grouped": partial(format_decimal, locale=languages()[language]),
    }
    return environment


def render_template(
    request: web.Request, template: str, context: dict[str, Any], status: int = 200
) -> web.Response:
    """Render a template in the visitor's language."""
    key = request.app[ENVIRONMENTS][LANGUAGE.get()]
    return aiohttp_jinja2.render_template(template, request, context, app_key=key, status=status)


async def render_page(
    request: web.Request,
    template: str,
    page: str,
    context: dict[str, Any] | None = None,
    status: int = 200,
) -> web.Response:
    """Render a template; `page` names the page for the menu and the widget."""
    settings, directory = request.app[SETTINGS], request.app[STRUCTURES].directory
    citizen, known = await visitor_of(request)
    common = {
        "page": page,
        "administration": administration(),
        "names": administration().names,
        "base_url": settings.base_url,
        "here": safe_return(request.path_qs),
        "citizen": citizen,
        "known": known,
        "demo": settings.is_demo,
        "desk": None,
        "notices": _notices(request),
        "cie": bool(settings.cie_entity_id),
        "asset": lambda name: asset_url(settings.static_dir, name),
        "home_mailbox": directory.home_mailbox,
        "platform_mailbox": directory.platform_mailbox,
        "source_url": settings.source_url,
        "trace": TRACE.get(),
        "no_structure": spoken("input.no_structure"),
        "menu_of_languages": menu(request),
        "keeps_form": False,
        "counter": counter_of(request, is_logged_in=citizen is not None),
        "italian": italian,
        "spoken": spoken,
        "spoken_words": spoken_words,
        "spoken_own": spoken_own,
        "time_text": time_text,
    }
    return render_template(request, template, common | (context or {}), status)


def _notices(request: web.Request) -> list[str]:
    """Return what every page announces."""
    notices = request.app[NOTICES]
    closed = [spoken("chat.closed", why=italian(why)) for why in notices.texts(Kind.CHAT)]
    return closed + [italian(text) for text in notices.texts(Kind.PAGES)]


async def visitor_of(request: web.Request) -> tuple[Citizen | None, bool]:
    """Return the citizen, and False if unknown: pages work without the database too."""
    try:
        return await current_citizen(request), True
    except Unavailable:
        return None, False


def see_other(location: str) -> web.Response:
    """Redirect the browser to a GET, without re-encoding the address, which may be signed."""
    return web.Response(status=303, headers={hdrs.LOCATION: location})


@lru_cache
def asset_url(static_dir: Path, name: str) -> str:
    """Return the URL of a built file, or the administration's own, with a hash of its content."""
    path = administration().appearance.icon_file(name) or static_dir / name
    content = path.read_bytes() if path.exists() else b""
    return f"/static/{name}?v={version_of(content)}"
