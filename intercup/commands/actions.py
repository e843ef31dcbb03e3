"""`intercup actions`: the server of Rasa's custom actions, whose code is in bot/actions."""

import argparse
from typing import TYPE_CHECKING

from intercup.commands.bot_folder import MODEL, make_importable
from intercup.commands.shell_place import begin, citizen_named, with_place
from intercup.commands.terminal import Commands, settings_to_serve
from intercup.settings import Settings

if TYPE_CHECKING:
    from actions.shell_citizen import ShellCitizen


def add_parser(commands: Commands) -> None:
    """Add the command."""
    actions = commands.add_parser("actions", help="avvia il server delle azioni di Rasa")
    actions.add_argument(
        "--test-citizen",
        metavar="NOME",
        help="nella demo: una conversazione di `rasa shell` con questo cittadino di prova",
    )
    actions.set_defaults(command=serve_actions)


def serve_actions(arguments: argparse.Namespace) -> int:
    """Serve the actions until stopped."""
    settings = settings_to_serve()
    make_importable()
    from actions.without_tracing import leave_out_trace_exporter

    leave_out_trace_exporter()
    from actions.server import serve

    from intercup.metrics import serve_metrics
    from intercup.services.models.store import Shipped
    from intercup.tracing import set_up_tracing

    if arguments.test_citizen:
        settings, citizen = _for_the_shell(settings, arguments.test_citizen)
        serve(settings, Shipped(MODEL), citizen=citizen)
    else:
        metrics = serve_metrics(settings, "actions")
        set_up_tracing(settings.otlp_endpoint, "actions")
        serve(settings, Shipped(MODEL), metrics)
    return 0


def _for_the_shell(settings: Settings, name: str) -> tuple[Settings, "ShellCitizen"]:
    who = citizen_named(name, settings)
    settings = with_place(settings)
    return settings, begin(settings, who)
