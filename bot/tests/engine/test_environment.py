import re
from importlib.metadata import distributions
from pathlib import Path

from engine import launcher
from rasa.shared.constants import DEFAULT_MODELS_PATH

LOCK = Path(__file__).parents[2] / "uv.lock"


def test_nothing_is_installed_that_the_lock_file_does_not_name() -> None:
    locked = set(re.findall(r'^name = "(.+)"$', LOCK.read_text(), re.MULTILINE))
    installed = {re.sub(r"[-_.]+", "-", d.metadata["Name"]).lower() for d in distributions()}
    assert "rasa" in installed
    assert installed <= locked


def test_make_run_takes_the_model_that_rasa_shell_takes() -> None:
    assert launcher._parser().parse_args(["run"]).model == DEFAULT_MODELS_PATH
