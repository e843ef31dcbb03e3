"""`intercup run`: the whole service in one terminal."""

import argparse
import asyncio
import os
import subprocess
import sys

from intercup.commands.bot_folder import MODEL, check_categories
from intercup.commands.terminal import YES, Commands, say, settings_to_serve
from intercup.errors import ConfigurationError
from intercup.settings import Settings, load_settings


def add_parser(commands: Commands) -> None:
    """Add the command."""
    commands.add_parser("run", help="avvia tutto il servizio").set_defaults(command=run)


def run(_arguments: argparse.Namespace) -> int:
    """Check the configuration, migrate the database, then run every part until stopped.

    Raises:
        ConfigurationError: something has to be put right first.
    """
    from intercup.commands.parts import intercup_command
    from intercup.services.structures.structures_file import load_directory

    settings = _on_free_ports(settings_to_serve(sends_mail=True))
    load_directory(settings.structures_file)
    check_categories(settings.structures_file)
    if not MODEL.exists():
        raise ConfigurationError([f"{MODEL} manca: eseguire `make train`"])
    # In a separate process: the migration's modules would stay in the supervisor's memory.
    migrated = subprocess.run(intercup_command("migrate"), check=False)  # noqa: S603 (our own program)
    if migrated.returncode:
        return migrated.returncode
    return asyncio.run(_supervise(settings))


def _on_free_ports(settings: Settings) -> Settings:
    """Propose free ports for those in use, in the demo at a terminal; else all stays."""
    from intercup.commands.parts import parts_of
    from intercup.supervisor import free_instead, port_taken, taken_ports

    if not settings.is_demo or not sys.stdin.isatty():
        return settings
    parts = parts_of(settings)
    taken = taken_ports(parts)
    instead = free_instead(parts, taken)
    if not instead:
        return settings
    for each in taken:
        say(port_taken(each)[0])
    say("Sono libere: " + ", ".join(f"{name}={value}" for name, value in instead.items()))
    if input("Invio per usarle, no per rinunciare: ").strip().lower() not in ("", *YES):
        return settings  # the supervisor names each and ends
    os.environ.update(instead)
    return load_settings(sends_mail=True)


async def _supervise(settings: Settings) -> int:
    from intercup.commands.parts import parts_of
    from intercup.supervisor import Limits, supervise

    hints = []
    if settings.is_demo:
        hints = [
            ("Accesso", "«Accedi», poi un cittadino di prova, per esempio Agata Lo Presti"),
            ("Posta", f"{settings.base_url}/demo/mailbox"),
        ]
    return await supervise(
        parts_of(settings),
        log_dir=settings.data_dir / "log",
        address=settings.base_url,
        hints=hints,
        limits=Limits(log_size=settings.log_size, log_files=settings.log_files),
    )
