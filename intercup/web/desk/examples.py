"""/presidio/frasi/esempi: training sentences of the files, taken out or moved to another intent."""

import asyncio
from typing import Any

from aiohttp import web

from intercup.errors import InvalidInput
from intercup.services.ids import hash_of
from intercup.services.tuning.file_sentences import (
    NotMoved,
    Sentence,
    fate,
    in_files,
    move,
    moved,
    put_back,
)
from intercup.services.tuning.queue import known_intents
from intercup.texts import TEXTS
from intercup.web.app_keys import DATABASE
from intercup.web.desk.deliveries import done
from intercup.web.desk.page import desk_page, note_change
from intercup.web.desk.place import ROOT
from intercup.web.form_fields import read_fields
from intercup.web.render import see_other

PATH = f"{ROOT}/frasi/esempi"
SHOWN_MAX = 30  # sentences found
KEY_LENGTH = 16
OUT = "-"  # in the form, instead of another intent


async def show(request: web.Request) -> web.Response:
    """Show the sentences with all words searched for, or the chosen one, and those changed."""
    return await _page(request, {k: request.query.get(k, "") for k in ("words", "sentence")}, {})


async def post(request: web.Request) -> web.Response:
    """Take the chosen sentence out or move it, or show the form again with its problems."""
    posted = await read_fields(request, ("words", "sentence", "intent"))
    here = await asyncio.to_thread(in_files)
    chosen = next((each for each in here if _key(each) == posted["sentence"]), None)
    problems = {}
    if chosen is None:
        problems["sentence"] = "no_sentence"
    if not posted["intent"]:
        problems["intent"] = "fate"
    if chosen and not problems:
        to = "" if posted["intent"] == OUT else posted["intent"]
        action = "sentence_moved" if to else "sentence_removed"
        try:
            async with request.app[DATABASE].write() as writing:
                note_change(request, writing, action, await move(writing, here, chosen, to))
        except NotMoved as error:
            problems = dict(error.problems)
        else:
            return see_other(f"{PATH}?done={action}")
    errors = {name: TEXTS(f"desk_problem.{key}") for name, key in problems.items()}
    return await _page(request, posted, errors, InvalidInput.status)


async def post_back(request: web.Request) -> web.Response:
    """Let a changed sentence be trained as the files have it."""
    posted = await read_fields(request, ("change",))
    async with request.app[DATABASE].write() as writing:
        is_back = await put_back(writing, posted["change"])
        if is_back:
            note_change(request, writing, "sentence_put_back", posted["change"])
    return see_other(f"{PATH}?done={'sentence_put_back' if is_back else 'sentence_gone'}")


async def _page(
    request: web.Request, values: dict[str, str], errors: dict[str, str], status: int = 200
) -> web.Response:
    here = await asyncio.to_thread(in_files)
    async with request.app[DATABASE].read() as reading:
        changes = await moved(reading, set(here))
    changed = {(each.intent, each.text) for each in changes}
    words = values["words"].casefold().split()
    titles = known_intents()
    found = [each for each in here if words and each not in changed and _has(each, words, titles)]
    chosen = next((each for each in found if _key(each) == values["sentence"]), None)
    state = fate(set(here))
    context: dict[str, Any] = {
        "changes": [
            {
                "id": each.id,
                "text": each.text,
                "was": _title(each.intent),
                "to": _title(each.moved_to) if each.moved_to else "",
                "is_over": state(each) != "open",
            }
            for each in changes
        ],
        "chosen": (chosen[1], _title(chosen[0])) if chosen else None,
        "found": [(_key(each), each[1], _title(each[0])) for each in found[:SHOWN_MAX]],
        "count": len(found),
        "intents": known_intents(),
        "out": OUT,
        "values": values,
        "errors": errors,
        "done": done(request),
    }
    return await desk_page(request, "desk_examples.html", "models", context, status)


def _has(sentence: Sentence, words: list[str], titles: dict[str, str]) -> bool:
    intent, text = sentence
    searched = f"{text} {intent} {titles.get(intent, '')}".casefold()
    return all(word in searched for word in words)


def _key(sentence: Sentence) -> str:
    """Return a short name of a sentence, for forms."""
    return hash_of("\n".join(sentence))[:KEY_LENGTH]


def _title(intent: str) -> str:
    return known_intents().get(intent, intent)
