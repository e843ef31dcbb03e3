"""Parts of Rasa left out of the training, and those it must keep."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes
BOT = Path(__file__).parent.parent.parent
ALL_IMPORTS_OF_A_TRAINING = """
import sys
from engine.without_tensorflow import leave_out_neural_components
leave_out_neural_components()
import rasa.engine.recipes.default_components
import rasa.graph_components.validators.default_recipe_validator
import rasa.model_training
sys.exit("tensorflow" in sys.modules)
"""


def trained(project: Path) -> "subprocess.CompletedProcess[str]":
    """Train in a process of its own, as `make train` does."""
    command = ["-m", "engine.launcher", "--project", str(project), "train", "--force"]
    return python(*command)


def python(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments], cwd=BOT, capture_output=True, text=True, timeout=120
    )


def copy_with_config(project: Path, folder: Path, old: str, new: str) -> Path:
    copy = folder / "project"
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns("models", ".rasa"))
    config = copy / "config.yml"
    assert old in config.read_text()
    config.write_text(config.read_text().replace(old, new))
    return copy


def test_training_imports_no_tensorflow() -> None:
    assert python("-c", ALL_IMPORTS_OF_A_TRAINING).returncode == 0


def test_training_keeps_no_cache(project: Path) -> None:
    assert [path.name for path in (project / ".rasa" / "cache").iterdir()] == ["cache.db"]


def test_the_recipe_is_still_checked(project: Path, tmp_path: Path) -> None:
    twice = "pipeline:\n  - name: WhitespaceTokenizer\n  - name: WhitespaceTokenizer"
    copy = copy_with_config(project, tmp_path, "pipeline:", twice)
    result = trained(copy)
    assert result.returncode
    assert "more than one tokenizer" in result.stderr


def test_a_neural_component_is_refused(project: Path, tmp_path: Path) -> None:
    copy = copy_with_config(
        project, tmp_path, "engine.intent_classifier.FullIntentClassifier", "DIETClassifier"
    )
    result = trained(copy)
    assert result.returncode
    assert "DIETClassifier" in result.stderr
