"""`intercup answers`: the assistant's answers worded without a training, as at the desk."""

import argparse
import sys
import time
from typing import TYPE_CHECKING

from intercup.commands.terminal import (
    NOT_DONE,
    Commands,
    moment,
    operator,
    say,
    warn,
    with_database,
)
from intercup.settings import load_settings

if TYPE_CHECKING:
    from intercup.db.engine import Database


def add_parser(commands: Commands) -> None:
    """Add `answers` with its commands."""
    answers = commands.add_parser(
        "answers", help="le risposte dell'assistente, cambiate dal presidio"
    )
    parts = answers.add_subparsers(required=True, metavar="AZIONE")
    listing = parts.add_parser("list", help="elenca le risposte; con un testo, quelle che l'hanno")
    listing.add_argument("text", nargs="?", default="")
    listing.set_defaults(command=show_all)
    showing = parts.add_parser("show", help="mostra una risposta, l'originale e la storia")
    setting = parts.add_parser(
        "set", help="cambia una risposta: legge il testo fino alla fine (Ctrl-D)"
    )
    for part, command in ((showing, show_one), (setting, set_text)):
        part.add_argument("answer", help="per esempio utter_faq/spid")
        part.set_defaults(command=command)


def show_all(arguments: argparse.Namespace) -> int:
    """List the answers with their texts."""
    from intercup.services.answers.wordings import all_worded

    async def work(database: "Database") -> int:
        async with database.read() as reading:
            found = await all_worded(reading)
        for each in found:
            note = "  (l'originale è cambiato)" if each.is_outdated else ""
            note = note or ("  (modificata)" if each.is_edited else "")
            line = f"{each.answer.name}{note}  {' | '.join(each.text.splitlines())}"
            if arguments.text.casefold() in line.casefold():
                say(line)
        return 0

    return with_database(load_settings().database_url, work)


def show_one(arguments: argparse.Namespace) -> int:
    """Print an answer's text, the file's and its history."""
    from intercup.services.answers.wordings import all_worded, history

    async def work(database: "Database") -> int:
        async with database.read() as reading:
            found = {each.answer.name: each for each in await all_worded(reading)}
            worded = found.get(arguments.answer)
            versions = await history(reading, worded.answer) if worded else ()
        if worded is None:
            return _unknown()
        say(worded.text)
        say(f"nel file: {' | '.join(worded.answer.text.splitlines())}")
        for each in versions:
            say(f"{moment(each.at)}  {each.who}  {' | '.join(each.text.splitlines())}")
        return 0

    return with_database(load_settings().database_url, work)


def set_text(arguments: argparse.Namespace) -> int:
    """Store the text that is typed, under the rules of the page."""
    from intercup.domain.answers import TEXT_MAX, WORDS_MAX, problems_of_answer
    from intercup.services.answers.origin import answers
    from intercup.services.answers.wordings import as_answer, newest_by_name, save
    from intercup.services.staff.log import note
    from intercup.services.structures.versions import directory_now
    from intercup.texts import TEXTS

    settings = load_settings()
    answer = answers().get(arguments.answer)
    if answer is None:
        return _unknown()
    text = as_answer(sys.stdin.read())

    async def work(database: "Database") -> int:
        directory = await directory_now(database, settings.structures_file)
        names = [each.name for each in directory.structures]
        problems = list(problems_of_answer(answer, text, names))
        for key, words in problems:
            limits = {"most": str(WORDS_MAX), "characters": str(TEXT_MAX)}
            warn(f"errore: {TEXTS(f'answer_problem.{key}', words=words, **limits)}")
        if problems:
            return NOT_DONE
        async with database.write() as writing:
            newest = (await newest_by_name(writing)).get(answer.name)
            seen = str(newest.id if newest else 0)
            if not await save(writing, answer, text, seen, operator()):
                warn("errore: un'altra persona l'ha appena cambiata")
                return NOT_DONE
            note(writing, operator(), "answer_worded", time.time(), answer.name)
        say(TEXTS("desk_done.answer_worded"))
        return 0

    return with_database(settings.database_url, work)


def _unknown() -> int:
    warn("errore: nessuna risposta con questo nome; `intercup answers list` le elenca")
    return NOT_DONE
