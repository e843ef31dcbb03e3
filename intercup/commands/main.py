"""The command `intercup`."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from intercup.commands.data_parser import add_data_commands
from intercup.commands.requests import add_request_commands
from intercup.commands.spid_parser import add_spid_commands
from intercup.errors import ConfigurationError
from intercup.log import set_up_logging
from intercup.settings import Settings, load_settings

EXIT_CONFIGURATION = 2
STOP_LIMIT = 20.0  # seconds; the supervisor and systemd kill after 30


def main() -> None:
    """Run a command; a configuration problem ends it with status 2 and every problem named."""
    arguments = _parser().parse_args()
    try:
        sys.exit(arguments.command(arguments))
    except ConfigurationError as error:
        for problem in error.problems:
            print(f"errore: {problem}", file=sys.stderr)  # noqa: T201
        sys.exit(EXIT_CONFIGURATION)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="intercup", description="InterCup Assistenza")
    commands = parser.add_subparsers(required=True, metavar="COMANDO")
    for name, command, text in (
        ("run", _run, "avvia tutto il servizio"),
        ("web", _web, "avvia il server web"),
        ("worker", _worker, "avvia l'invio delle e-mail"),
        ("actions", _actions, "avvia il server delle azioni di Rasa"),
        ("migrate", _migrate, "porta la base dati all'ultima versione"),
        ("check-config", _check_config, "controlla impostazioni, strutture e caselle"),
        ("demo-idp", _demo_idp, "avvia il fornitore di identità dimostrativo"),
        ("demo-mail", _demo_mail, "avvia la casella di posta dimostrativa"),
    ):
        commands.add_parser(name, help=text).set_defaults(command=command)
    _add_outbox_commands(commands)
    add_request_commands(commands)
    add_spid_commands(commands)
    add_data_commands(commands)
    return parser


def _add_outbox_commands(commands: Any) -> None:
    outbox = commands.add_parser("outbox", help="la posta in uscita: elenco, dettagli, nuovo invio")
    parts = outbox.add_subparsers(required=True, metavar="AZIONE")
    for name, ids, text in (
        ("list", None, "elenca le e-mail non consegnate"),
        ("show", "+", "mostra tutto di alcune consegne, senza dati dei cittadini"),
        ("retry", "*", "rimette in coda le e-mail ferme; senza numeri, tutte"),
    ):
        part = parts.add_parser(name, help=text)
        if ids:
            part.add_argument("id", nargs=ids, type=int)
        part.set_defaults(command=_outbox, what=name)


def _run(_arguments: argparse.Namespace) -> int:
    from intercup.commands.run import run_service

    return run_service(load_settings())


def _web(_arguments: argparse.Namespace) -> int:
    import uvloop
    from aiohttp import web

    from intercup.db.engine import Database
    from intercup.services.structures.structures_file import load_directory
    from intercup.web.app import create_app

    settings = load_settings()
    set_up_logging()
    app = create_app(
        settings, Database(settings.database_url), load_directory(settings.structures_file)
    )
    web.run_app(
        app,
        host=settings.http_host,
        port=settings.http_port,
        print=None,
        shutdown_timeout=5.0,
        loop=uvloop.new_event_loop(),
    )
    return 0


def _worker(_arguments: argparse.Namespace) -> int:
    import uvloop

    from intercup.db.engine import Database
    from intercup.services.delivery.alarm import Watch
    from intercup.worker.loop import purge_daily, run_worker

    settings = load_settings()
    set_up_logging()

    async def work(stop: asyncio.Event) -> None:
        database = Database(settings.database_url)
        await database.verify()
        watch = Watch(settings.alarm_to, settings.mail_from)
        await asyncio.gather(
            run_worker(database, settings.smtp_url, stop, watch), purge_daily(database, stop)
        )
        await database.close()

    return uvloop.run(_until_told(work))


def _actions(_arguments: argparse.Namespace) -> int:
    settings = load_settings()
    set_up_logging()
    sys.path.insert(0, str(Path("bot").resolve()))
    from actions.server import serve

    serve(settings)
    return 0


def _migrate(_arguments: argparse.Namespace) -> int:
    from intercup.db.engine import Database

    settings = load_settings()

    async def migrate() -> None:
        database = Database(settings.database_url)
        await database.migrate()
        await database.close()

    asyncio.run(migrate())
    return 0


def _outbox(arguments: argparse.Namespace) -> int:
    from intercup.commands import outbox as outbox_commands

    commands = {
        "list": outbox_commands.show_waiting,
        "show": outbox_commands.show_delivery,
        "retry": outbox_commands.retry,
    }
    return commands[arguments.what](arguments)


def _check_config(_arguments: argparse.Namespace) -> int:
    from intercup.commands.spid_commands import configuration_problems
    from intercup.services.login.schemes import Schemes
    from intercup.services.structures.structures_file import load_directory, to_confirm

    settings = load_settings()
    directory = load_directory(settings.structures_file)
    for note in to_confirm(directory):
        print(f"da confermare: {note}")  # noqa: T201
    print(  # noqa: T201
        f"configurazione valida: {len(directory.categories)} tipologie,"
        f" {len(directory.structures)} strutture"
    )
    if problems := configuration_problems(settings):
        raise ConfigurationError(problems)
    print(f"gestori di identità: {sum(map(len, Schemes(settings).providers().values()))}")  # noqa: T201
    return 0


def _demo_idp(_arguments: argparse.Namespace) -> int:
    from intercup.identity.demo_idp import run_demo_idp

    settings = _demo_settings()
    set_up_logging()
    folder = settings.spid_providers_dir or settings.data_dir
    run_demo_idp(
        base_url=f"http://127.0.0.1:{settings.demo_idp_port}",
        sp_metadata_url=f"{settings.base_url}/spid/metadata",
        metadata_file=folder / "demo.xml",
        profile=settings.profile,
    )
    return 0


def _demo_mail(_arguments: argparse.Namespace) -> int:
    from intercup.mail.catcher import run_catcher

    settings = _demo_settings()
    set_up_logging()

    async def catch(stop: asyncio.Event) -> None:
        catching = run_catcher("127.0.0.1", settings.demo_smtp_port, settings.mailbox_dir)
        serving = asyncio.create_task(catching)
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        serving.cancel()

    return asyncio.run(_until_told(catch))


def _demo_settings() -> Settings:
    settings = load_settings()
    if not settings.is_demo:
        raise ConfigurationError(["INTERCUP_PROFILE: questo comando esiste solo nella demo"])
    return settings


async def _until_told(work: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> int:
    """Run until SIGTERM or Ctrl-C asks for a tidy end, which may take STOP_LIMIT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    working = asyncio.create_task(work(stop))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    await asyncio.wait({working}, timeout=STOP_LIMIT)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    return 0


if __name__ == "__main__":
    main()
