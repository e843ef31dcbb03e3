"""/presidio/frasi: groups of sentences that were likely misunderstood, and what becomes of them."""

from typing import Any

from aiohttp import web

from intercup.domain.directory import Directory
from intercup.domain.sentences import ACTIONS
from intercup.errors import InvalidInput
from intercup.services.structures.stored import category_of
from intercup.services.tuning.decisions import (
    REWRITE_MAX,
    BadRewrite,
    Decision,
    decide,
    prefilled,
    suspects,
    undo,
)
from intercup.services.tuning.queue import Group, forwarded, groups, is_life, known_intents, prepare
from intercup.services.tuning.sentence_seal import SentenceSeal
from intercup.texts import TEXTS
from intercup.web.app_keys import DATABASE, RASA, SETTINGS, STRUCTURES
from intercup.web.desk import models
from intercup.web.desk.deliveries import done
from intercup.web.desk.page import desk_page, note_change, noted
from intercup.web.desk.place import ROOT
from intercup.web.form_fields import read_fields
from intercup.web.render import see_other

PATH = f"{ROOT}/frasi"
NEXT = 10  # groups listed below the one at work


async def show(request: web.Request) -> web.Response:
    """Show the group to decide on, the next ones, and the forwards of requests."""
    return await _page(request, request.query.get("group", ""))


async def post_decision(request: web.Request) -> web.Response:
    """Carry out a decision on a group."""
    key = request.match_info["key"]
    posted = await read_fields(request, ("action", "text", "intent", "shown"))
    action = next((each for each in ACTIONS if each == posted["action"]), None)
    if action is None:
        raise InvalidInput("bad_request")
    shown = frozenset(posted["shown"].split())
    decision = Decision(key, action, posted["text"], posted["intent"], shown)
    try:
        async with request.app[DATABASE].write() as writing:
            made = await decide(writing, decision, request.app[STRUCTURES].directory)
            if made:
                note_change(request, writing, f"sentences_{action}", key)
    except BadRewrite as error:
        errors = {name: TEXTS(f"desk_problem.{key}") for name, key in error.problems.items()}
        return await _page(request, key, decision, errors)
    named = "life" if action == "accept" and is_life(key) else action
    outcome = f"sentences_{named}" if made else "sentences_gone"
    undoing = f"&decision={made}" if made and action != "delete" else ""
    return see_other(f"{PATH}?done={outcome}{undoing}")


async def post_undo(request: web.Request) -> web.Response:
    """Take a decision back, from this page or that of the models."""
    posted = await read_fields(request, ("decision", "page"))
    async with request.app[DATABASE].write() as writing:
        undone = await undo(writing, posted["decision"])
        if undone:
            note_change(request, writing, "sentences_undo", posted["decision"])
    path, outcome, part = PATH, "sentences_undo", ""
    if posted["page"] == "models":
        path, outcome, part = models.PATH, "example_undone", models.OUTCOME
    return see_other(f"{path}?done={outcome if undone else 'sentences_gone'}{part}")


async def _page(
    request: web.Request,
    key: str,
    tried: Decision | None = None,
    errors: dict[str, str] | None = None,
) -> web.Response:
    app = request.app
    seal = SentenceSeal(app[SETTINGS].secret_key)
    unread = await prepare(app[DATABASE], seal, app[RASA].explain)
    async with app[DATABASE].read() as reading:
        found = await groups(reading, seal)
        passed_on = await forwarded(reading)
    current = next((group for group in found if group.key == key), found[0] if found else None)
    others = [group for group in found if group is not current][:NEXT]
    await noted(
        request,
        "sentences_seen",
        current.key if current else "",
        " ".join(group.key for group in others),
    )
    directory = app[STRUCTURES].directory
    context = {
        "group": await _shown(request, current, tried) if current else None,
        "others": [(group.key, group.texts[0], len(group.rows)) for group in others],
        "count": len(found),
        "unread": unread,
        "intents": known_intents(),
        "rewrite_max": REWRITE_MAX,
        "forwarded": [
            (category_of(directory, category).label, before, after)
            for category, before, after in passed_on
        ],
        "keeps": app[SETTINGS].keeps_sentences,
        "done": done(request),
        "decision": request.query.get("decision", ""),
        "errors": errors or {},
    }
    status = 422 if errors else 200
    return await desk_page(request, "desk_sentences.html", "sentences", context, status)


async def _shown(request: web.Request, group: Group, tried: Decision | None) -> dict[str, Any]:
    directory = request.app[STRUCTURES].directory
    explained = await request.app[RASA].explain(group.texts[0])
    shares = dict(explained.ranking) if explained else {}
    suggestion = group.suggestion(explained)
    return {
        "key": group.key,
        "shown": " ".join(group.shown),
        "is_life": group.is_life,
        "title": known_intents().get(suggestion, suggestion),
        "share": shares.get(suggestion),
        "intent": tried.intent if tried else suggestion,
        "text": tried.text if tried else prefilled(group.texts[0]),
        "sentences": [
            {
                "parts": list(suspects(text)),
                "step": TEXTS(f"desk_step.{row.step or 'start'}"),
                "reasons": [TEXTS(f"desk_reason.{reason}") for reason in row.reasons],
                "read": _title(row.intent, directory),
                "confidence": row.confidence,
                "second": _title(row.second, directory) if row.second else "",
                "second_confidence": row.second_confidence,
                "chosen": _title(row.label, directory) if row.label else "",
                "language": TEXTS(f"language.{row.language}") if row.language else "",
                "model": row.model,
                "day": row.day,
            }
            for row, text in zip(group.rows, group.texts, strict=True)
        ],
    }


def _title(name: str, directory: Directory) -> str:
    """Return the words for an intent, or a structure that was chosen."""
    structure = directory.structure_by_id.get(name)
    return structure.name if structure else known_intents().get(name, name)
