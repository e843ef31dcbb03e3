"""`intercup web`: pages, form, chat and login."""

import argparse

from intercup.commands.terminal import Commands
from intercup.log import set_up_logging
from intercup.settings import load_settings


def add_parser(commands: Commands) -> None:
    """Add the command."""
    commands.add_parser("web", help="avvia il server web").set_defaults(command=serve)


def serve(_arguments: argparse.Namespace) -> int:
    """Serve HTTP until told to stop."""
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
