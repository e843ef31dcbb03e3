"""`intercup check-config`: settings, structures, mailboxes, keys and metadata."""

import argparse
import sys

from intercup.commands.bot_folder import check_categories
from intercup.commands.terminal import Commands, say
from intercup.errors import ConfigurationError
from intercup.settings import load_settings

# The newest patch release known when this was written. Not in pyproject.toml: a machine that can't
# fetch it must still run the demo and the tests.
PYTHON = (3, 13, 18)


def add_parser(commands: Commands) -> None:
    """Add the command."""
    check = commands.add_parser("check-config", help="controlla impostazioni, strutture e caselle")
    check.set_defaults(command=check_config)


def check_config(_arguments: argparse.Namespace) -> int:
    """Name every problem of the configuration, or say that it is valid."""
    from intercup.administration import administration
    from intercup.commands.spid import configuration_problems
    from intercup.db.backup import recipient_of
    from intercup.services.login.schemes import Schemes
    from intercup.services.structures.structures_file import load_directory, to_confirm

    settings = load_settings()
    directory = load_directory(settings.structures_file)
    check_categories(settings.structures_file)
    if settings.backup_recipient:
        recipient_of(settings.backup_recipient)
    for note in to_confirm(directory):
        say(f"da confermare: {note}")
    for path in administration().placeholders():
        say(f"da completare: {settings.administration_file}: {path}")
    for name in settings.registered_for_another():
        say(f"da completare: {name}: è ancora quello di un altro ente")
    if outdated := python_note(sys.version_info[:3]):
        say(outdated)
    say(
        f"configurazione valida: {len(directory.categories)} tipologie,"
        f" {len(directory.structures)} strutture"
    )
    problems = configuration_problems(settings)
    if not settings.is_demo:
        problems += settings.readable_files()
    if problems:
        raise ConfigurationError(problems)
    say(f"gestori di identità: {sum(map(len, Schemes(settings).providers().values()))}")
    return 0


def python_note(version: tuple[int, ...]) -> str | None:
    """Return a note if this Python lacks the fixes that production should have."""
    if version >= PYTHON:
        return None
    running, wanted = (".".join(map(str, each)) for each in (version, PYTHON))
    return f"da aggiornare: Python {running}; in produzione serve almeno {wanted}"
