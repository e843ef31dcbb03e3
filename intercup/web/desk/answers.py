"""/presidio/risposte: the assistant's answers, worded by the technical team without training."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from intercup.domain.answers import TEXT_MAX, WORDS_MAX, Answer, problems_of_answer
from intercup.domain.italian_time import ROME
from intercup.errors import InvalidInput, NotFound, StaleChoice
from intercup.services.answers.origin import answers
from intercup.services.answers.wordings import (
    Worded,
    all_worded,
    as_answer,
    difference,
    history,
    save,
)
from intercup.services.chat.conversations import Message
from intercup.services.chat.render import render
from intercup.services.chat.reply_context import ReplyContext
from intercup.texts import TEXTS
from intercup.web.app_keys import DATABASE, STRUCTURES, WORDINGS
from intercup.web.desk.deliveries import done
from intercup.web.desk.page import DESK, desk_page, note_change, typing_verdict
from intercup.web.desk.place import ROOT
from intercup.web.form_fields import read_fields
from intercup.web.render import see_other

PATH = f"{ROOT}/risposte"
ONE = f"{PATH}/{{answer:utter_[a-z_]+(?:/[a-z_]+)?}}"
GROUPS = {"faq": "utter_faq/", "question": "utter_ask_request_form_", "other": ""}


@dataclass(frozen=True)
class Typed:
    """A text that isn't stored, or not yet, with its problems; `is_late` after another editor's.

    `seen` is the id of the newest wording that its editor knows.
    """

    text: str
    seen: str
    problems: tuple[str, ...] = ()
    is_late: bool = False


async def show(request: web.Request) -> web.Response:
    """List the answers as citizens see them; `words` are all in each."""
    words = request.query.get("words", "")
    async with request.app[DATABASE].read() as reading:
        found = await all_worded(reading)
    groups: dict[str, list[dict[str, Any]]] = {name: [] for name in GROUPS}
    for each in found:
        shown = _shown(request, each)
        if all(word in shown["searched"] for word in words.casefold().split()):
            groups[_group_of(each.answer)].append(shown)
    context = {
        "groups": [(TEXTS(f"answer_group.{name}"), each) for name, each in groups.items() if each],
        "words": words,
        "outdated": [each.answer.name for each in found if each.is_outdated],
    }
    return await desk_page(request, "desk_answers.html", "answers", context)


async def show_one(request: web.Request) -> web.Response:
    """Show an answer with its form, its origin and its history."""
    return await _page(request, None)


async def post(request: web.Request) -> web.Response:
    """Store a text or only show it; with problems, or after another editor, show it again."""
    answer = _answer_of(request)
    posted = await read_fields(request, ("wording", "seen", "action"))
    text, seen = as_answer(posted["wording"]), posted["seen"]
    structures = (each.name for each in request.app[STRUCTURES].directory.structures)
    problems = dict.fromkeys(
        TEXTS(f"answer_problem.{key}", words=words, most=str(WORDS_MAX), characters=str(TEXT_MAX))
        for key, words in problems_of_answer(answer, text, structures)
    )
    if posted["action"] == "check":
        return typing_verdict(" ".join(problems))
    if problems:
        typed = Typed(posted["wording"], seen, tuple(problems))
        return await _page(request, typed, InvalidInput.status)
    if posted["action"] == "preview":
        return await _page(request, Typed(text, seen))
    async with request.app[DATABASE].write() as writing:
        saved = await save(writing, answer, text, seen, request[DESK].member.name)
        if saved:
            note_change(request, writing, "answer_worded", answer.name)
    if not saved:
        return await _page(request, Typed(text, seen, is_late=True), StaleChoice.status)
    await request.app[WORDINGS].look()
    return see_other(f"{PATH}/{answer.name}?done=answer_worded")


def _answer_of(request: web.Request) -> Answer:
    try:
        return answers()[request.match_info["answer"]]
    except KeyError as error:
        raise NotFound("not_found") from error


def _group_of(answer: Answer) -> str:
    return next(name for name, prefix in GROUPS.items() if answer.name.startswith(prefix))


async def _page(request: web.Request, typed: Typed | None, status: int = 200) -> web.Response:
    answer = _answer_of(request)
    async with request.app[DATABASE].read() as reading:
        versions = await history(reading, answer)
    worded = Worded(answer, versions[0] if versions else None)
    newest = str(versions[0].id) if versions else "0"
    text = typed.text if typed else worded.text
    errors = {"wording": " ".join(typed.problems)} if typed and typed.problems else {}
    context = {
        "answer": _shown(request, worded),
        "origin": answer.text,
        "origin_then": versions[0].origin if worded.is_outdated else "",
        "wording": text,
        "newest": newest,
        "seen": typed.seen if typed and not typed.is_late else newest,
        "preview": None if errors else _message(request, answer, text),
        "difference": [] if errors else difference(answer.text, text),
        "is_late": typed is not None and typed.is_late,
        "is_typed": typed is not None,
        "versions": [(each, datetime.fromtimestamp(each.at, ROME)) for each in versions],
        "text_max": TEXT_MAX,
        "words_max": WORDS_MAX,
        "errors": errors,
        "done": done(request),
    }
    return await desk_page(request, "desk_answer.html", "answers", context, status)


def _shown(request: web.Request, worded: Worded) -> dict[str, Any]:
    answer = worded.answer
    titles = TEXTS.section("intent_title")
    intent = answer.name.removeprefix("utter_")
    title = titles.get(intent) or titles.get(f"report_{intent}", "")
    message = _message(request, answer, worded.text)
    return {
        "name": answer.name,
        "names": answer.names,
        "title": title,
        "message": message,
        "is_edited": worded.is_edited,
        "is_outdated": worded.is_outdated,
        "searched": " ".join((title, *answer.names, message.text)).casefold(),
    }


def _message(request: web.Request, answer: Answer, text: str) -> Message:
    """Return an answer as citizens see it, without what their conversation adds."""
    links = {"links": answer.custom.get("links", ())}
    reply = {"text": text, "buttons": answer.buttons, "custom": links}
    context = ReplyContext(request.app[STRUCTURES].directory, authenticated=False)
    (message,) = render([reply], context)
    return message
