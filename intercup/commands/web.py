"""`intercup web`: pages, form, chat and login."""

import argparse
import asyncio

from intercup.commands.terminal import Commands, settings_to_serve, until_stopped


def add_parser(commands: Commands) -> None:
    """Add the command."""
    commands.add_parser("web", help="avvia il server web").set_defaults(command=serve)


def serve(_arguments: argparse.Namespace) -> int:
    """Serve HTTP until stopped."""
    import uvloop

    from intercup.db.engine import Database
    from intercup.metrics import serve_metrics
    from intercup.services.structures.structures import Structures
    from intercup.watchdog import give_signs_of_life
    from intercup.web.app import create_app
    from intercup.web.server import raise_open_files, serving

    settings = settings_to_serve()
    serve_metrics(settings, "web")
    structures = Structures.load(settings.structures_file)
    open_files = raise_open_files()

    async def answer(stop: asyncio.Event) -> None:
        app = create_app(settings, Database(settings.database_url), structures)
        async with serving(app, settings, open_files):
            signs = asyncio.create_task(give_signs_of_life())
            await stop.wait()
            signs.cancel()

    return uvloop.run(until_stopped(answer))
