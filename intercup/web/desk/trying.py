"""/presidio/prova: what the model in use would understand of a sentence, and why."""

from typing import Any

from aiohttp import web

from intercup.domain.request import DESCRIPTION_MAX
from intercup.services.tuning.queue import known_intents
from intercup.services.tuning.trying import Tried, tried
from intercup.texts import TEXTS
from intercup.web.app_keys import RASA, STRUCTURES
from intercup.web.desk.page import desk_page, noted
from intercup.web.desk.place import ROOT
from intercup.web.form_fields import read_fields

PATH = f"{ROOT}/prova"
AFTER, BEFORE = "after", "before"  # the login


async def show(request: web.Request) -> web.Response:
    """Ask for a sentence."""
    return await _page(request, "", None, AFTER)


async def post_sentence(request: web.Request) -> web.Response:
    """Show the reading of a sentence, which is stored nowhere and never stands in an address."""
    posted = await read_fields(request, ("sentence", "login"))
    text, login = posted["sentence"].strip()[:DESCRIPTION_MAX], posted["login"]
    await noted(request, "sentence_tried")
    explained = await request.app[RASA].explain(text) if text else None
    if explained is None:
        problem = TEXTS("desk_problem.no_reading" if text else "desk_problem.empty")
        return await _page(request, text, None, login, problem)
    directory = request.app[STRUCTURES].directory
    found = tried(text, explained, directory, authenticated=login != BEFORE)
    return await _page(request, text, found, login)


async def _page(
    request: web.Request, text: str, found: Tried | None, login: str, problem: str = ""
) -> web.Response:
    context = {
        "text": text,
        "logins": [(name, TEXTS(f"desk_try.{name}_login")) for name in (AFTER, BEFORE)],
        "login": login,
        "found": _shown(found, request) if found else None,
        "intents": known_intents(),
        "errors": {"sentence": problem} if problem else {},
    }
    return await desk_page(request, "desk_try.html", "try", context, 422 if problem else 200)


def _shown(found: Tried, request: web.Request) -> dict[str, Any]:
    known = request.app[STRUCTURES].directory.structure_by_id
    return {
        "understood": TEXTS("desk_try.sure" if found.understood else "desk_try.unsure"),
        "ranking": [
            (name, known_intents().get(name, name), share) for name, share in found.ranking
        ],
        "emergency": TEXTS(f"desk_try.emergency_{found.emergency}"),
        "structures": [known[id_].name for id_ in found.structures if id_ in known],
        "kind": TEXTS(f"desk_try.structure_{found.kind}"),
        "words": found.words,
        "step": TEXTS(f"desk_step.{found.step or 'start'}"),
        "model": found.model,
    }
