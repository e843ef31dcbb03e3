"""Train the model, unless it is up to date."""

from __future__ import annotations

import hashlib
import logging
import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict

import structlog

from engine.categories import category_problems

MODEL_NAME = "intercup.tar.gz"
STRUCTURES = "config/structures.yaml"  # beside the project's folder
SOURCES = ("config.yml", "domain.yml", "data/**/*.yml", "engine/*.py", "engine/*.yml", "uv.lock")


class TrainingError(Exception):
    """A failed training; the reason is in the message or in Rasa's output."""


def train(project: Path, force: bool = False) -> bool:
    """Train into models/; return False if the model was up to date.

    Raises:
        TrainingError: the files disagree on the categories, or Rasa made no model.
    """
    _hold_against_categories(project)
    model = project / "models" / MODEL_NAME
    mark = model.with_name(f"{MODEL_NAME}.sources")
    fingerprint = sources_fingerprint(project)
    if not force and model.exists() and mark.exists() and mark.read_text() == fingerprint:
        return False
    _quiet()
    _train(project, model)
    mark.write_text(fingerprint)
    return True


def _hold_against_categories(project: Path) -> None:
    structures = project.parent / STRUCTURES
    if structures.exists():  # A project that stands alone has no categories.
        problems = category_problems(project, structures)
        if problems:
            raise TrainingError("\n".join(problems))


def sources_fingerprint(project: Path) -> str:
    """Return a digest of the model's inputs, environment included."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in SOURCES for path in project.glob(pattern)):
        digest.update(f"{path.relative_to(project)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _quiet() -> None:
    """Silence all but warnings about our own data; otherwise the RulePolicy prints every state."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    import rasa.model_training  # noqa: F401 - turns on the warnings of its libraries.

    for category in (DeprecationWarning, PendingDeprecationWarning):
        warnings.simplefilter("ignore", category)
    for harmless in (
        # FullIntentClassifier does what the ResponseSelector would.
        "(?s).*add a 'ResponseSelector'",
        # The domain names the intent that Rasa also finds in data/faq.yml.
        "(?s).*duplicated intents",
        # Rasa's advice for projects with entities.
        "(?s).*Slot auto-fill",
    ):
        warnings.filterwarnings("ignore", message=harmless)


def leave_out_cache() -> None:
    """Let Rasa train without its cache.

    Fingerprinting and storing each component's output takes 2.5 s of a training and saves time only
    if no sentence has changed; our own fingerprint above covers the case of no change at all.
    """
    from rasa.engine.training import graph_trainer

    graph_trainer.TrainingHook = lambda **_: _Nothing()


class _Nothing:
    """A hook into the training's graph that does nothing."""

    def on_before_node(self, *_: Any, **__: Any) -> Dict[str, Any]:
        return {}

    def on_after_node(self, *_: Any, **__: Any) -> None:
        pass


def handle_sentences_once() -> None:
    """Take two thirds off the time in which Rasa gathers the sentences.

    It reads the files three times, and drops duplicates six times by a digest of each sentence's
    whole data; equal sentences have equal texts, so the text's hash suffices. It merges file by
    file, and copies all sentences before each time, deeply; nobody changes what is in them.
    """
    from rasa.shared.nlu.constants import TEXT
    from rasa.shared.nlu.training_data import loading
    from rasa.shared.nlu.training_data.message import Message

    loading.load_data = lru_cache(maxsize=None)(loading.load_data)
    Message.__hash__ = lambda message: hash(message.get(TEXT))
    Message.__deepcopy__ = lambda message, _: message


def look_for_lines_of_errors_only() -> None:
    """Take nine tenths off the time in which Rasa checks the form of the files.

    It parses them in Python, to know the line of an error; now only a file that has one.
    """
    from rasa.shared.exceptions import YamlException
    from rasa.shared.utils import io, validation

    check, read = validation.validate_yaml_schema, io.read_yaml

    def check_quickly(*arguments: Any, **options: Any) -> None:
        io.read_yaml = lambda content, reader_type="safe": read(content)
        try:
            return check(*arguments, **options)
        except YamlException:
            pass
        finally:
            io.read_yaml = read
        check(*arguments, **options)

    validation.validate_yaml_schema = check_quickly


def _train(project: Path, model: Path) -> None:
    import rasa

    leave_out_cache()
    handle_sentences_once()
    look_for_lines_of_errors_only()
    result = rasa.train(
        domain=str(project / "domain.yml"),
        config=str(project / "config.yml"),
        training_files=str(project / "data"),
        output=str(model.parent),
        fixed_model_name=MODEL_NAME,
        force_training=True,
    )
    if result.code or not result.model:
        raise TrainingError(f"no model, code {result.code}")
