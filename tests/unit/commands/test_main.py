import subprocess
import sys

import pytest

from intercup.commands.main import PARTS, SUBJECTS
from tests.support.paths import ROOT

SHARED = {"__init__", "bot_folder", "main", "only_cell", "parts", "shell_place", "terminal"}
HEAVY = [
    "aiohttp",
    "cryptography",
    "imaplib",
    "lxml",
    "onelogin",
    "rasa_sdk",
    "rich",
    "sqlalchemy",
    "yaml",
]


def test_every_file_of_the_folder_adds_its_commands() -> None:
    files = {path.stem for path in (ROOT / "intercup/commands").glob("*.py")}
    assert set(SUBJECTS) == files - SHARED


def test_a_command_does_not_carry_the_modules_of_the_others() -> None:
    program = (
        "import sys\nfrom intercup.commands.main import _parser\nfrom intercup.settings import"
        " load_settings\n_parser()\nload_settings()\nprint(*sys.modules)"
    )
    assert not set(HEAVY) & _modules_printed_by(program)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_carries_no_other_subject(part: str) -> None:
    program = (
        "import atexit, sys\natexit.register(lambda: print(*sys.modules))\n"
        f"sys.argv = ['intercup', '{part}', '--help']\n"
        "from intercup.commands.main import main\nmain()"
    )
    loaded = _modules_printed_by(program)
    assert f"intercup.commands.{part}" in loaded
    assert not {f"intercup.commands.{subject}" for subject in SUBJECTS if subject != part} & loaded


def test_the_actions_carry_no_client_and_no_exporter_of_traces() -> None:
    program = (
        "import argparse, sys\nimport intercup.metrics\nfrom intercup.commands import actions\n"
        "actions.settings_to_serve = lambda: None\n"
        "intercup.metrics.serve_metrics = lambda *_: sys.exit(print(*sys.modules))\n"
        "actions.serve_actions(argparse.Namespace(test_citizen=None))"
    )
    loaded = _modules_printed_by(program)
    assert "actions.server" in loaded
    assert not {"aiohttp", "grpc._cython", "google.protobuf"} & loaded


@pytest.mark.parametrize("part", ["web", "worker"])
def test_a_part_without_collector_carries_nothing_of_open_telemetry(part: str) -> None:
    program = (
        "import sys, uvloop\nfrom intercup.commands import " + part + "\n"
        "uvloop.run = lambda work: work.close() or sys.exit(print(*sys.modules))\n"
        f"{part}.{'serve' if part == 'web' else 'work'}(None)"
    )
    assert not [name for name in _modules_printed_by(program) if "opentelemetry" in name]


def _modules_printed_by(program: str) -> set[str]:
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(run.stdout.split())
