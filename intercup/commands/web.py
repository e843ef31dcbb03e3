"""`intercup web`: pages, form, chat and login."""

import argparse
import asyncio
from typing import Any

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
    from intercup.metrics import end_metrics, serve_metrics
    from intercup.services.models.store import Shipped
    from intercup.services.structures.structures import Structures
    from intercup.succession import Succession
    from intercup.tracing import set_up_tracing
    from intercup.watchdog import give_signs_of_life
    from intercup.web.app import create_app
    from intercup.web.server import raise_open_files, serving

    settings = settings_to_serve()
    metrics = serve_metrics(settings, "web")
    set_up_tracing(settings.otlp_endpoint, "web")
    structures = Structures.load(settings.structures_file)
    base = Shipped(MODEL).base
    open_files = raise_open_files()
    succession = Succession(settings.http_host, settings.http_port)

    async def answer(stop: asyncio.Event) -> None:
        app = create_app(settings, Database(settings.database_url), structures, base)
        async with serving(app, settings, open_files, succession.listening) as runner:
            succession.serves()
            stopping = asyncio.create_task(stop.wait())
            only_cell = asyncio.create_task(hold_only_cell(settings.database_file))
            over = asyncio.create_task(succession.over())
            signs = asyncio.create_task(give_signs_of_life())
            await _first_of(stopping, only_cell, over)
            if succession.is_over:
                end_metrics(metrics)
                await _first_of(stopping, asyncio.create_task(runner.drain()))
            for task in (signs, stopping, only_cell, over):
                task.cancel()
            for task in (only_cell, over):
                if task.done():
                    task.result()

    return uvloop.run(until_stopped(answer))


async def _first_of(*tasks: asyncio.Task[Any]) -> None:
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
