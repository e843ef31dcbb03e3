"""The command `intercup`: every file beside this one adds its commands.

Modules that only one command needs are imported inside its functions, so that a long-lived
process such as `intercup web` doesn't hold the modules of other commands.
"""

import argparse
import os
import sys

from intercup.commands import (
    actions,
    answers,
    bounces,
    check_config,
    database,
    demo,
    figures,
    models,
    notices,
    outbox,
    person,
    protocol,
    purge,
    requests,
    run,
    spid,
    staff,
    structures,
    tuning,
    web,
    worker,
)
from intercup.commands.terminal import warn
from intercup.errors import ConfigurationError
from intercup.private_files import UMASK

EXIT_CONFIGURATION = 2
SUBJECTS = (
    *(run, web, worker, actions, check_config, database, demo),
    *(
        outbox,
        requests,
        protocol,
        spid,
        bounces,
        purge,
        person,
        staff,
        notices,
        answers,
        structures,
        tuning,
        models,
        figures,
    ),
)


def main() -> None:
    """Run a command; a configuration problem ends it with status 2 and every problem named."""
    arguments = _parser().parse_args()
    os.umask(UMASK)
    try:
        sys.exit(arguments.command(arguments))
    except ConfigurationError as error:
        for problem in error.problems:
            warn(f"errore: {problem}")
        sys.exit(EXIT_CONFIGURATION)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="intercup", description="InterCup Assistenza")
    commands = parser.add_subparsers(required=True, metavar="COMANDO")
    for subject in SUBJECTS:
        subject.add_parser(commands)
    return parser


if __name__ == "__main__":
    main()
