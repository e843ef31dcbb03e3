"""The command `intercup`: every file beside this one adds its commands.

Modules that only one command needs are imported inside its functions, and other subjects not at
all by a long-lived process such as `intercup web`, so that it doesn't hold what it never uses.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from intercup.commands.terminal import warn
from intercup.errors import ConfigurationError
from intercup.private_files import UMASK

EXIT_CONFIGURATION = 2
# Each is named like its file, stays in memory, and imports no other subject.
PARTS = ("run", "web", "worker", "actions")
SUBJECTS = (
    *PARTS,
    "demo",
    *("check_config", "database", "outbox", "requests", "protocol", "spid", "bounces", "purge"),
    *("person", "staff", "notices", "answers", "structures", "tuning", "models", "figures"),
)


def main() -> None:
    """Run a command; a configuration problem ends it with status 2 and every problem named."""
    named = sys.argv[1:2]
    arguments = _parser(named if set(named) & set(PARTS) else SUBJECTS).parse_args()
    os.umask(UMASK)
    try:
        sys.exit(arguments.command(arguments))
    except ConfigurationError as error:
        for problem in error.problems:
            warn(f"errore: {problem}")
        sys.exit(EXIT_CONFIGURATION)


def _parser(subjects: Sequence[str] = SUBJECTS) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="intercup", description="InterCup Assistenza")
    commands = parser.add_subparsers(required=True, metavar="COMANDO")
    for subject in subjects:
        import_module(f"intercup.commands.{subject}").add_parser(commands)
    return parser


if __name__ == "__main__":
    main()
