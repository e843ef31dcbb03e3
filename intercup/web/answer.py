"""The page behind the link in a citizen's mail, without login: has the office answered?"""

from datetime import UTC, datetime

from aiohttp import web

from intercup.domain.answer_question import Answer
from intercup.domain.italian_time import ROME
from intercup.errors import InvalidInput
from intercup.languages.visitor import italian
from intercup.services.chat.words import label_of
from intercup.services.requests.answer import (
    answer_question,
    look_at_question,
    refuse_by_link,
)
from intercup.services.structures.stored import category_of, structure_name_of
from intercup.web.app_keys import DATABASE, SETTINGS, STRUCTURES
from intercup.web.form_fields import read_fields
from intercup.web.render import render_page, see_other
from intercup.web.request_words import state_words

PATH = "/risposta/{token}"
REFUSES = "refuse"  # the third answer: no more questions


async def get_answer(request: web.Request) -> web.Response:
    """Show the question with its buttons, and what was answered."""
    now, token = datetime.now(UTC), request.match_info["token"]
    asked = await look_at_question(request.app[DATABASE], token, now)
    directory, entry = request.app[STRUCTURES].directory, asked.entry
    about = entry.request
    context = {
        "token": token,
        "number": about.number,
        "category_label": label_of(category_of(directory, about.category)),
        "structure_name": italian(structure_name_of(directory, about.structure) or ""),
        "created": about.created_at.astimezone(ROME),
        "office_name": italian(entry.office_name),
        "state_text": state_words(entry),
        "answer": asked.answer,
        "is_reminded": entry.is_reminded,
        "is_refused": asked.is_refused,
        "picked": "si" if "si" in request.query else "no" if "no" in request.query else "",
    }
    return await render_page(request, "answer.html", "answer", context)


async def post_answer(request: web.Request) -> web.Response:
    """Store the answer, or that no more questions are wanted."""
    given = (await read_fields(request, ("answer",)))["answer"]
    app, token, now = request.app, request.match_info["token"], datetime.now(UTC)
    if given == REFUSES:
        await refuse_by_link(app[DATABASE], token, now)
    elif given in set(Answer):
        directory, mails = app[STRUCTURES].directory, app[SETTINGS].mails
        await answer_question(app[DATABASE], directory, token, Answer(given), mails, now)
    else:
        raise InvalidInput("bad_request")
    return see_other(request.path)


def add_routes(app: web.Application) -> None:
    """Add the page's routes."""
    app.router.add_get(PATH, get_answer)
    app.router.add_post(PATH, post_answer)
