"""`intercup check-config` and the training, where a category is only half there."""

import subprocess
import sys
from pathlib import Path

import pytest
from engine.categories import category_problems

from tests.support.fourth_category import EDITS, copy_assistant

HALF_DONE = {
    "config/structures.yaml": ["dopo l'accesso ask_refund porta a request_form, ma nessuna tip"],
    "bot/domain.yml": ["categories[2].intents.ask_refund: manca fra gli `intents` di"],
    "bot/data/nlu.yml": ["categories[2].intents.ask_refund: è senza frasi in"],
    "bot/data/rules.yml": [
        "dopo l'accesso ask_refund non porta a request_form",
        "prima dell'accesso ask_refund non porta a action_before_login",
        "rules.yml: nessuna regola per l'intento ask_refund",
    ],
}


@pytest.mark.parametrize("forgotten", EDITS)
def test_a_category_that_one_file_does_not_know_is_a_problem(
    tmp_path: Path, forgotten: str
) -> None:
    place = copy_assistant(tmp_path, [name for name in EDITS if name != forgotten])
    problems = category_problems(place / "bot", place / "config/structures.yaml")
    missing = [p for p in HALF_DONE[forgotten] if not any(p in problem for problem in problems)]
    assert missing == [], problems


@pytest.mark.parametrize("edited", [(), EDITS], ids=["as it is", "with a fourth category"])
def test_files_that_agree_are_no_problem(tmp_path: Path, edited: tuple[str, ...]) -> None:
    place = copy_assistant(tmp_path, edited)
    assert category_problems(place / "bot", place / "config/structures.yaml") == []


def test_the_half_done_state_is_refused_by_check_config_and_by_the_training(
    tmp_path: Path,
) -> None:
    place = copy_assistant(tmp_path, ["config/structures.yaml"])
    check = [sys.executable, "-m", "intercup.commands.main", "check-config"]
    train = [str(place / ".venv-bot/bin/python"), "-m", "engine.launcher", "train"]
    for command, folder in ((check, place), (train, place / "bot")):
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode != 0
        assert "categories[2].intents.ask_refund: manca" in done.stderr
        assert "Traceback" not in done.stderr
    assert list((place / "bot/models").glob("*.tar.gz")) == []
