"""docs/reference.md: every setting, command and route, from the code that has them.

`.venv/bin/python -m tests.support.reference` writes it; a test compares.
"""

import argparse
import inspect
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from intercup.commands.main import _parser
from intercup.db.engine import Database
from intercup.domain.directory import Directory
from intercup.services.structures.structures import Structures
from intercup.services.structures.structures_file import load_directory
from intercup.settings import Settings
from intercup.web.app import create_app
from intercup.web.desk.routes import ROUTES
from tests.support.paths import ROOT

FILE = ROOT / "docs/reference.md"
SETTINGS = ROOT / "config/intercup.toml"
ADMINISTRATION = ROOT / "config/administration.yaml"
HEAD = """# Riferimento

Ogni impostazione, comando e indirizzo, ricavato dal programma con
`.venv/bin/python -m tests.support.reference`: non va corretto a mano. Le descrizioni degli
indirizzi sono quelle del codice, in inglese.
"""


def reference() -> str:
    """Return the whole document."""
    parts = [HEAD, *_settings(), *_administration(), *_commands(), *_targets(), *_routes()]
    return "\n".join(parts) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _settings() -> Iterator[str]:
    """List the settings of intercup.toml with the comment above each, also above several."""
    yield "## Impostazioni\n\nIn `config/intercup.toml`, o come variabile `INTERCUP_NOME`.\n"
    yield "| impostazione | valore iniziale | spiegazione |\n|---|---|---|"
    said: list[str] = []
    for line in SETTINGS.read_text("utf-8").splitlines():
        if found := re.match(r"^#? ?([a-z_]+) = (.*)$", line):
            yield f"| `{found[1]}` | `{_cell(found[2])}` | {_cell(' '.join(said)) or '″'} |"
            said = []
        elif line.startswith("#"):
            said.append(line.lstrip("# "))
        else:
            said = []


def _administration() -> Iterator[str]:
    yield "\n## Dati dell'amministrazione\n\nIn `config/administration.yaml`."
    yield "Con `*` quelli obbligatori in produzione.\n"
    yield "| voce | spiegazione |\n|---|---|"
    section = ""
    for line in ADMINISTRATION.read_text("utf-8").splitlines():
        if found := re.match(r"^([a-z_]+):(.*)$", line):
            section = found[1]
            if found[2].strip():
                yield f"| `{section}` | `{_cell(found[2])}` |"
        elif found := re.match(r"^  ([a-z_]+):[^#]*(?:\"[^\"]*\")?\s*(?:# (.*))?$", line):
            yield f"| `{section}.{found[1]}` | {_cell(found[2] or '')} |"


def _commands() -> Iterator[str]:
    yield "\n## Comandi\n\n`.venv/bin/intercup COMANDO`; con `--help` le opzioni.\n"
    yield "| comando | effetto | opzioni |\n|---|---|---|"
    for name, help_, parser in _parsers(_parser()):
        options = ", ".join(
            f"`{action.option_strings[-1] if action.option_strings else action.dest}`"
            for action in parser._actions
            if not isinstance(action, argparse._HelpAction)
        )
        yield f"| `{name}` | {_cell(help_)} | {options} |"


def _parsers(
    parser: argparse.ArgumentParser, name: str = ""
) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """Find the commands that do something, with their help."""
    for action in parser._actions:
        if not isinstance(action, argparse._SubParsersAction):
            continue
        helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
        for part, found in action.choices.items():
            deeper = list(_parsers(found, f"{name}{part} "))
            yield from deeper or [(f"{name}{part}", helps.get(part, ""), found)]


def _targets() -> Iterator[str]:
    yield "\n## make\n\n| comando | effetto |\n|---|---|"
    for name, help_ in re.findall(
        r"^([a-z-]+):.*## (.*?) · ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE
    ):
        yield f"| `make {name}` | {_cell(help_)} |"


def _routes() -> Iterator[str]:
    yield "\n## Indirizzi\n\n| indirizzo | che cosa fa |\n|---|---|"
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        app = create_app(settings, Database(settings.database_url), Structures(_directory()))
        rows = {
            (route.resource.canonical, route.method): route.handler
            for route in app.router.routes()
            if route.resource and route.method != "HEAD"
        }
    rows |= {
        (re.sub(r":[^}]*\}+", "}", route.path), route.method): route.handler for route in ROUTES
    }
    for (path, method), handler in sorted(rows.items()):
        yield f"| `{method} {path}` | {_cell(_first_line(handler))} |"


def _directory() -> Directory:
    return load_directory(ROOT / "config/structures.yaml")


def _first_line(handler: object) -> str:
    return (inspect.getdoc(handler) or "").partition("\n")[0]


if __name__ == "__main__":
    FILE.write_text(reference(), "utf-8")
    sys.stdout.write(f"{FILE}\n")
