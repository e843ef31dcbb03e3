"""`intercup tuning`: kept sentences, what becomes of them, a sentence tried, changed answers."""

import argparse
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from intercup.commands.terminal import NOT_DONE, Commands, noted, operator, say, warn, with_database
from intercup.domain.sentences import ACTIONS
from intercup.errors import ConfigurationError
from intercup.settings import Settings, load_settings

if TYPE_CHECKING:
    from intercup.db.engine import Database
    from intercup.errors import Incomplete
    from intercup.services.chat.rasa_client import RasaClient

FILES = ("bot/domain.yml", "bot/data/faq.yml", "bot/data/nlu.yml")
STATES = {"taken": "già nei file", "conflict": "in conflitto", "gone": "non c'è più"}

type Work = Callable[["Database", "RasaClient"], Awaitable[int]]


def add_parser(commands: Commands) -> None:
    """Add `tuning` with its commands."""
    tuning = commands.add_parser("tuning", help="frasi capite male, di esempio o da provare")
    parts = tuning.add_subparsers(required=True, metavar="AZIONE")
    listing = parts.add_parser("list", help="elenca i gruppi di frasi, i più utili prima")
    listing.set_defaults(command=show_groups)
    deciding = parts.add_parser("decide", help="decide di un gruppo")
    deciding.add_argument("group", help="come lo mostra list")
    deciding.add_argument("action", choices=ACTIONS)
    deciding.add_argument("--intent", default="", help="se non è quello proposto")
    deciding.add_argument("--text", default="", help="la frase riscritta")
    deciding.set_defaults(command=decide)
    adding = parts.add_parser("add", help="chiede una frase di esempio inventata, e la aggiunge")
    adding.add_argument("intent")
    adding.set_defaults(command=add)
    finding = parts.add_parser("sentences", help="frasi di esempio dei file: cercate, o cambiate")
    finding.add_argument("word", nargs="*", help="parole della frase; senza, quelle cambiate")
    finding.set_defaults(command=show_sentences)
    moving = parts.add_parser(
        "move", help="chiede una frase di esempio dei file, e la toglie o la sposta"
    )
    moving.add_argument("intent", help="quello che la frase ha nei file")
    moving.add_argument("--to", default="", metavar="INTENT", help="un altro; senza, è tolta")
    moving.set_defaults(command=move_sentence)
    undoing = parts.add_parser("undo", help="annulla una decisione, o rimette una frase dei file")
    undoing.add_argument("decision")
    undoing.set_defaults(command=undo)
    parts.add_parser("forwarded", help="le richieste inoltrate a un altro ufficio").set_defaults(
        command=show_forwarded
    )
    trying = parts.add_parser("try", help="che cosa capirebbe il modello in uso di una frase")
    trying.add_argument("--before-login", action="store_true", help="di chi non ha fatto l'accesso")
    trying.set_defaults(command=try_sentence)
    exporting = parts.add_parser(
        "export", help="scrive frasi, risposte e strutture cambiate per uno sviluppatore"
    )
    exporting.add_argument("folder", type=Path)
    exporting.set_defaults(command=export)
    importing = parts.add_parser(
        "import", help="che cosa una nuova versione fa delle modifiche del presidio"
    )
    importing.add_argument("folder", type=Path, help="la versione nuova, con bot/ e config/")
    importing.set_defaults(command=import_release)


def show_groups(_arguments: argparse.Namespace) -> int:
    """List the groups, each with its suggestion."""
    from intercup.services.tuning.queue import groups, prepare
    from intercup.services.tuning.sentence_seal import SentenceSeal

    settings = load_settings()
    seal = SentenceSeal(settings.secret_key)

    async def work(database: "Database", rasa: "RasaClient") -> int:
        if unread := await prepare(database, seal, rasa.explain):
            warn(f"attenzione: {unread} frasi aspettano che l'assistente le legga")
        async with database.read() as reading:
            found = await groups(reading, seal)
        await noted(database, "sentences_seen", " ".join(group.key for group in found))
        for group in found:
            suggestion = group.suggestion(await rasa.explain(group.texts[0]))
            say(f"{group.mark}  {suggestion}{'  dal vero' if group.is_life else ''}")
            for text in group.texts:
                say(f"    {text}")
        return 0

    return _with_assistant(settings, work)


def decide(arguments: argparse.Namespace) -> int:
    """Carry out a decision on a group as it was listed, as the page does."""
    from intercup.services.staff.log import note
    from intercup.services.structures.versions import directory_now
    from intercup.services.tuning import decisions, queue
    from intercup.services.tuning.sentence_seal import SentenceSeal

    settings, action = load_settings(), arguments.action

    async def work(database: "Database", rasa: "RasaClient | None" = None) -> int:
        directory = await directory_now(database, settings.structures_file)
        async with database.read() as reading:
            found = await queue.groups(reading, SentenceSeal(settings.secret_key))
        group = next((each for each in found if each.mark == arguments.group), None)
        if group is None:
            return _gone()
        intent = arguments.intent
        if rasa:
            explained = await rasa.explain(group.texts[0])
            if explained is None:
                return _silent()
            intent = group.suggestion(explained)
            say(f"intento: {intent}")
        decision = decisions.Decision(group.key, action, arguments.text, intent, group.shown)
        try:
            async with database.write() as writing:
                made = await decisions.decide(writing, decision, directory)
                if made:
                    note(writing, operator(), f"sentences_{action}", time.time(), group.key)
        except decisions.BadRewrite as error:
            return _refused(error)
        if made is None:
            return _gone()
        say(f"fatto: {made}")
        return 0

    if action in ("accept", "test") and not arguments.intent:
        return _with_assistant(settings, work)
    return with_database(settings.database_url, work)


def _gone() -> int:
    warn("errore: questo gruppo non c'è, o le sue frasi sono cambiate: `intercup tuning list`")
    return NOT_DONE


def _silent() -> int:
    warn("errore: l'assistente non risponde")
    return NOT_DONE


def add(arguments: argparse.Namespace) -> int:
    """Ask for a training sentence and add it, as the page of models does."""
    from intercup.services.staff.log import note
    from intercup.services.structures.versions import directory_now
    from intercup.services.tuning import decisions
    from intercup.services.tuning.file_sentences import in_files

    settings, text, here = load_settings(), input("Frase: "), in_files()

    async def work(database: "Database") -> int:
        directory = await directory_now(database, settings.structures_file)
        try:
            async with database.write() as writing:
                added = await decisions.add_example(
                    writing, here, text, arguments.intent, directory
                )
                note(writing, operator(), "example_added", time.time(), added)
        except decisions.BadRewrite as error:
            return _refused(error)
        say(f"fatto: {added}")
        return 0

    return with_database(settings.database_url, work)


def show_sentences(arguments: argparse.Namespace) -> int:
    """List the training sentences of the files with all these words, or those changed."""
    from intercup.services.tuning.file_sentences import in_files, moved

    async def changes(database: "Database") -> int:
        here = set(in_files())
        async with database.read() as reading:
            for each in await moved(reading, here):
                say(f"{each.id}  {each.intent} -> {each.moved_to or 'tolta'}: {each.text}")
        return 0

    if not arguments.word:
        return with_database(load_settings().database_url, changes)
    words = [word.casefold() for word in arguments.word]
    for intent, text in in_files():
        if all(word in text.casefold() for word in words):
            say(f"{intent}: {text}")
    return 0


def move_sentence(arguments: argparse.Namespace) -> int:
    """Ask for a training sentence of the files and take it out or move it, as the page does."""
    from intercup.services.staff.log import note
    from intercup.services.tuning.file_sentences import NotMoved, in_files, move

    sentence, here = (arguments.intent, input("Frase: ").strip()), in_files()

    async def work(database: "Database") -> int:
        action = "sentence_moved" if arguments.to else "sentence_removed"
        try:
            async with database.write() as writing:
                id_ = await move(writing, here, sentence, arguments.to)
                note(writing, operator(), action, time.time(), id_)
        except NotMoved as error:
            return _refused(error)
        say(f"fatto: {id_}")
        return 0

    return with_database(load_settings().database_url, work)


def _refused(error: "Incomplete") -> int:
    from intercup.texts import TEXTS

    for problem in error.problems.values():
        warn(f"errore: {TEXTS(f'desk_problem.{problem}')}")
    return NOT_DONE


def undo(arguments: argparse.Namespace) -> int:
    """Take a decision, or a change of a sentence of the files, back."""
    from intercup.services.staff.log import note
    from intercup.services.tuning import decisions, file_sentences

    async def work(database: "Database") -> bool:
        async with database.write() as writing:
            action = ""
            if await decisions.undo(writing, arguments.decision):
                action = "sentences_undo"
            elif await file_sentences.put_back(writing, arguments.decision):
                action = "sentence_put_back"
            if action:
                note(writing, operator(), action, time.time(), arguments.decision)
            return bool(action)

    if not with_database(load_settings().database_url, work):
        warn("errore: nessuna decisione con questo identificativo")
        return NOT_DONE
    say("annullata")
    return 0


def show_forwarded(_arguments: argparse.Namespace) -> int:
    """List category and offices of the requests that an office forwarded elsewhere."""
    from intercup.services.tuning.queue import forwarded

    async def work(database: "Database") -> int:
        async with database.read() as reading:
            for category, before, after in await forwarded(reading):
                say(f"{category}: {before} -> {after}")
        return 0

    return with_database(load_settings().database_url, work)


def try_sentence(arguments: argparse.Namespace) -> int:
    """Ask for a sentence, which no list of processes then shows, and explain it."""
    from intercup.services.structures.versions import directory_now
    from intercup.services.tuning.trying import tried

    settings = load_settings()
    text = input("Frase: ").strip()

    async def work(database: "Database", rasa: "RasaClient") -> int:
        directory = await directory_now(database, settings.structures_file)
        await noted(database, "sentence_tried", "")
        explained = await rasa.explain(text) if text else None
        if explained is None:
            return _silent()
        found = tried(text, explained, directory, authenticated=not arguments.before_login)
        for name, share in found.ranking:
            say(f"{share:6.1%}  {name}")
        say(f"emergenza: {found.emergency}")
        say(" ".join(("struttura:", found.kind, *found.structures, *found.words)))
        say(f"passo: {found.step or '-'}  modello: {found.model}")
        return 0

    return _with_assistant(settings, work)


def export(arguments: argparse.Namespace) -> int:
    """Write accepted examples, a file for each purpose, and patches of what has been changed."""
    from intercup.services.answers.origin import patch_of
    from intercup.services.answers.wordings import all_worded
    from intercup.services.structures import patch, versions
    from intercup.services.structures.structures_file import directory_of, document_of
    from intercup.services.tuning import file_sentences
    from intercup.services.tuning.decisions import as_rasa, examples

    settings = load_settings()
    structures = settings.structures_file
    document = document_of(structures)
    directory_of(document)

    async def work(database: "Database") -> dict[str, str]:
        async with database.read() as reading:
            files = as_rasa(await examples(reading))
            here = set(file_sentences.in_files())
            moved = file_sentences.in_force(await file_sentences.moved(reading, here), here)
            edited = [each for each in await all_worded(reading) if each.is_edited]
            fields = (await versions.all_corrected(reading, document)).values()
        changed = {each.key: each.values for each in fields if each.is_edited and each.is_usable}
        if sentences := file_sentences.patch_of(moved):
            files["sentences.patch"] = sentences
        if edited:
            files["answers.patch"] = patch_of({each.answer.name: each.text for each in edited})
        if changed:
            source = structures.read_text("utf-8")
            files["structures.patch"] = patch.patch_of(
                source, structures.as_posix().lstrip("/"), changed
            )
        outdated = [each.answer.name for each in edited if each.is_outdated]
        outdated += [field.key for field in fields if field.is_outdated]
        for field in fields:
            if not field.is_usable:
                warn(f"attenzione: {field.key}: la modifica non è più valida, vale il file")
        for name in outdated:
            warn(f"attenzione: {name}: l'originale è cambiato dopo la modifica")
        await noted(database, "sentences_exported", " ".join(files))
        return files

    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name, text in with_database(settings.database_url, work).items():
        (arguments.folder / name).write_text(text, "utf-8")
        say(str(arguments.folder / name))
    return 0


def import_release(arguments: argparse.Namespace) -> int:
    """Show what a release's files make of the desk's changes, before it is installed.

    Return 1 if some are in conflict.

    Raises:
        ConfigurationError: the folder has no such files, or they aren't valid.
    """
    from intercup.services.tuning.release import changes_under

    settings = load_settings()
    program: Path = arguments.folder
    wanted = [program / file for file in (*FILES, settings.structures_file)]
    if missing := [str(file) for file in wanted if not file.exists()]:
        raise ConfigurationError([f"{file}: manca" for file in missing])

    async def work(database: "Database") -> int:
        async with database.read() as reading:
            found = await changes_under(reading, program, settings.structures_file)
        for each in found:
            say(f"{STATES[each.state]}: {each.name}")
            if each.state == "conflict":
                say(f"  i file dicono: {' | '.join(each.in_file.splitlines())}")
                say(f"  il presidio dice: {' | '.join(each.at_desk.splitlines())}")
        say("non è cambiato nulla: lo fa `intercup migrate`, con la versione nuova")
        return NOT_DONE if any(each.state == "conflict" for each in found) else 0

    return with_database(settings.database_url, work)


def _with_assistant(settings: Settings, work: Work) -> int:
    """Do the work with database and Rasa.

    Raises:
        ConfigurationError: no secret of Rasa is configured.
    """
    from intercup.services.chat.rasa_client import RasaClient

    if not settings.rasa_secret:
        raise ConfigurationError(["INTERCUP_RASA_SECRET: serve quello dei processi in funzione"])

    async def run(database: "Database") -> int:
        rasa = RasaClient(settings.rasa_urls, settings.rasa_timeout, settings.rasa_secret)
        try:
            return await work(database, rasa)
        finally:
            await rasa.close()

    return with_database(settings.database_url, run)
