"""`intercup actions`: the server of Rasa's custom actions, whose code is in bot/actions."""

import argparse

from intercup.commands.bot_folder import MODEL, make_importable
from intercup.commands.terminal import Commands, settings_to_serve


def add_parser(commands: Commands) -> None:
    """Add the command."""
    actions = commands.add_parser("actions", help="avvia il server delle azioni di Rasa")
    actions.set_defaults(command=serve_actions)


def serve_actions(_arguments: argparse.Namespace) -> int:
    """Serve the actions until stopped."""
    settings = settings_to_serve()
    make_importable()
    from actions.without_tracing import leave_out_trace_exporter

    leave_out_trace_exporter()
    from actions.server import serve

    from intercup.metrics import serve_metrics
    from intercup.services.models.store import Shipped

    serve_metrics(settings, "actions")
    serve(settings, Shipped(MODEL))
    return 0
