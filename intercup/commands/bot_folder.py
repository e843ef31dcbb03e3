"""The folder bot/, relative to the working directory."""

import sys
from pathlib import Path

from intercup.errors import ConfigurationError

BOT = Path("bot")
MODEL = BOT / "models/intercup.tar.gz"  # of `make train`


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
