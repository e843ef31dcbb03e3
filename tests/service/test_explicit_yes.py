"""Consents and sendings in strangers' words, read by the trained model."""

import json
import subprocess
from typing import Any

import pytest
import yaml

from intercup.domain.dialogue import Turn
from intercup.domain.dialogue.yes_words import is_explicit_yes
from tests.support.paths import ROOT

GIVEN_MIN, NOT_GIVEN_MAX = 0.6, 0.005  # shares that are taken for a yes
LIMIT = 300.0  # seconds
READ = """
import json, sys
from engine.without_tensorflow import leave_out_tensorflow
leave_out_tensorflow()
from engine.sentence_featurizer import MANY
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.engine.constants import PLACEHOLDER_MESSAGE

processor = Agent.load("models/intercup.tar.gz").processor
target = processor.model_metadata.nlu_target
texts, found = json.load(sys.stdin), []
for start in range(0, len(texts), MANY - 1):  # many would be kept as those of a training
    inputs = {PLACEHOLDER_MESSAGE: [UserMessage(text) for text in texts[start : start + MANY - 1]]}
    found += processor.graph_runner.run(inputs=inputs, targets=[target])[target]
kept = ("intent", "explicit_yes")
json.dump([{key: each.get(key) for key in kept} for each in found], sys.stdout)
"""


def read(texts: list[str]) -> list[dict[str, Any]]:
    """Return the model's readings of texts, outside any chat."""
    python = ROOT / ".venv-bot/bin/python"
    done = subprocess.run(
        [python, "-W", "ignore", "-c", READ],
        cwd=ROOT / "bot",
        input=json.dumps(texts),
        capture_output=True,
        check=True,
        text=True,
        timeout=LIMIT,
    )
    readings: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return readings


@pytest.fixture(scope="module")
def taken() -> dict[str, tuple[list[str], int]]:
    """The texts of each kind that are taken for a yes, and how many there are."""
    kinds = yaml.safe_load((ROOT / "tests/strangers/consents.yml").read_text("utf-8"))
    said = [(kind, *each) for kind, steps in kinds.items() for each in _pairs(steps)]
    found: dict[str, tuple[list[str], int]] = {kind: ([], 0) for kind in kinds}
    for (kind, step, text), reading in zip(said, read([each[2] for each in said]), strict=True):
        intent = reading["intent"]["name"] or "nlu_fallback"
        turn = Turn(intent, text=text, yes_to=tuple(reading["explicit_yes"] or ()))
        texts, count = found[kind]
        if is_explicit_yes(turn, step):
            texts.append(f"{step}: {text}")
        found[kind] = (texts, count + 1)
    return found


def _pairs(steps: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(step, text) for step, texts in steps.items() for text in texts]


def test_most_yeses_in_own_words_are_taken(taken: dict[str, tuple[list[str], int]]) -> None:
    texts, count = taken["given"]
    assert len(texts) >= GIVEN_MIN * count


def test_hardly_anything_else_is_taken_for_a_yes(taken: dict[str, tuple[list[str], int]]) -> None:
    texts, count = taken["not_given"]
    assert len(texts) <= NOT_GIVEN_MAX * count, texts
