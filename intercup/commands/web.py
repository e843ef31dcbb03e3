"""`intercup web`: pages, form, chat and login."""

import argparse
import asyncio

from intercup.commands.bot_folder import MODEL
from intercup.commands.only_cell import hold_only_cell
from intercup.commands.terminal import Commands, settings_to_serve, until_stopped


def add_parser(commands: Commands) -> None:
    """Add the command."""
    commands.add_parser("web", help="avvia il server web").set_defaults(command=serve)


def serve(_arguments: argparse.Namespace) -> int:
    """Serve HTTP until stopped."""
    import uvloop

    from intercup.db.engine import Database
    from intercup.metrics import serve_metrics
    from intercup.services.models.store import Shipped
    from intercup.services.structures.structures import Structures
    from intercup.watchdog import give_signs_of_life
    from intercup.web.app import create_app
    from intercup.web.server import raise_open_files, serving

    settings = settings_to_serve()
    serve_metrics(settings, "web")
    structures = Structures.load(settings.structures_file)
    base = Shipped(MODEL).base
    open_files = raise_open_files()

    async def answer(stop: asyncio.Event) -> None:
        app = create_app(settings, Database(settings.database_url), structures, base)
        async with serving(app, settings, open_files):
            signs = asyncio.create_task(give_signs_of_life())
            stopping = asyncio.create_task(stop.wait())
            alone = asyncio.create_task(hold_only_cell(settings.database_file))
            done, _ = await asyncio.wait({stopping, alone}, return_when=asyncio.FIRST_COMPLETED)
            for task in (signs, stopping, alone):
                task.cancel()
            if alone in done:
                alone.result()

    return uvloop.run(until_stopped(answer))
