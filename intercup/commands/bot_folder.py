"""The folder bot/, relative to the working directory, and the environment of its programs."""

import os
import sys
from pathlib import Path

from intercup.errors import ConfigurationError

BOT = Path("bot")
BOT_PYTHON = Path(".venv-bot/bin/python")
MODEL = BOT / "models/intercup.tar.gz"  # of `make train`
TELEMETRY_OFF = {"RASA_TELEMETRY_ENABLED": "false"}
# Variables of the machine that every program needs: paths, user, locale.
MACHINE = (
    *("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TZ", "LANG", "LC_ALL", "LC_CTYPE"),
    *("PYTHONPATH", "PYTHONTZPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR"),
)


def machine_environment() -> dict[str, str]:
    """Return the environment of a program that needs nothing of ours."""
    return {name: os.environ[name] for name in MACHINE if name in os.environ} | TELEMETRY_OFF


def make_importable() -> None:
    """Make `actions` and `engine` importable."""
    sys.path.insert(0, str(BOT.resolve()))


def check_categories(structures: Path) -> None:
    """Compare the assistant's files with the categories of a valid structures file.

    Raises:
        ConfigurationError: with every disagreement, and its path.
    """
    make_importable()
    from engine.categories import category_problems

    try:
        problems = category_problems(BOT, structures)
    except OSError as error:
        problems = [f"{error.filename}: {error.strerror}"]
    if problems:
        raise ConfigurationError(problems)
