"""Rasa's check of the training data, in a trial's process."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from evaluation.sentences import BOT

pytestmark = pytest.mark.processes
PROJECT = BOT / "tests/engine/project"
ENVIRONMENT = {
    "PYTHONPATH": str(BOT),
    "PATH": "/usr/bin:/bin",
    "RASA_TELEMETRY_ENABLED": "false",
}
TWICE = """
version: "3.1"
nlu:
  - intent: {}
    examples: |
      - una frase di due intenti
"""


def test_a_sentence_of_two_intents_is_refused_without_tensorflow(tmp_path: Path) -> None:
    copy = shutil.copytree(PROJECT, tmp_path / "project")
    shutil.copy(BOT / "config.yml", copy)
    code = "import sys; from evaluation.rasa_command import run\ntry: run(sys.argv[1:])\n"
    code += "finally: print('tensorflow' in sys.modules)"
    command = [sys.executable, "-c", code, "data", "validate", "--fail-on-warnings"]
    ends = []
    for intents in ((), ("greet", "thank")):
        for intent in intents:
            (copy / f"data/nlu_{intent}.yml").write_text(TWICE.format(intent))
        ended = subprocess.run(  # noqa: S603 (our own program)
            command, cwd=copy, env=ENVIRONMENT, capture_output=True, text=True
        )
        said = ended.stdout + ended.stderr
        ends.append((ended.returncode, "una frase di due intenti" in said, "True" in ended.stdout))
    assert ends == [(0, False, False), (1, True, False)]
