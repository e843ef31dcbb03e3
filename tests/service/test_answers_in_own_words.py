"""Consents, sendings and changes in strangers' words, read by the trained model."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml

from intercup.domain.dialogue import Draft, Turn, advance
from intercup.domain.dialogue.yes_words import is_explicit_yes
from intercup.domain.directory import Directory
from tests.support.dialogue_steps import COMPLETE
from tests.support.paths import ROOT

GIVEN_MIN, NOT_GIVEN_MAX = 0.6, 0.005  # shares that are taken for a yes
CHANGES_MIN = {"confirmation": 0.65, "edit_choice": 0.8}  # shares of the fields that are found
CHANGED_MAX = 0.12  # share of texts that want nothing changed
LIMIT = 300.0  # seconds
BOT, MODEL = ROOT / "bot", "models/intercup.tar.gz"
READINGS = ROOT / "var/own-words.json"
READ = """
import json, sys
from engine.without_tensorflow import leave_out_tensorflow
leave_out_tensorflow()
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.engine.constants import PLACEHOLDER_MESSAGE

processor = Agent.load(sys.argv[1]).processor
target = processor.model_metadata.nlu_target
inputs = {PLACEHOLDER_MESSAGE: [UserMessage(text) for text in json.load(sys.stdin)]}
found = processor.graph_runner.run(inputs=inputs, targets=[target])[target]
kept = ("intent", "explicit_yes", "field_meant")
json.dump([{key: each.get(key) for key in kept} for each in found], sys.stdout)
"""


def read(texts: list[str]) -> list[dict[str, Any]]:
    """Return the model's readings of texts, kept until something that makes them changes."""
    origin = origin_of(texts)
    kept = json.loads(READINGS.read_text("utf-8")) if READINGS.exists() else {}
    if kept.get("origin") != origin:
        kept = {"origin": origin, "readings": read_again(texts)}
        READINGS.parent.mkdir(parents=True, exist_ok=True)
        unfinished = READINGS.with_suffix(".tmp")
        unfinished.write_text(json.dumps(kept), "utf-8")
        unfinished.replace(READINGS)
    readings: list[dict[str, Any]] = kept["readings"]
    return readings


def origin_of(texts: list[str]) -> str:
    """Return the fingerprint of the texts, and of the model and programs that read them."""
    engine = sorted(
        file for file in (BOT / "engine").rglob("*.*") if file.suffix in (".py", ".yml")
    )
    digest = sha256(json.dumps(texts).encode())
    for file in (Path(__file__), BOT / MODEL, BOT / "uv.lock", *engine):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def read_again(texts: list[str]) -> list[dict[str, Any]]:
    """Return the model's readings of texts, outside any chat."""
    python = ROOT / ".venv-bot/bin/python"
    done = subprocess.run(
        [python, "-W", "ignore", "-c", READ, MODEL],
        cwd=BOT,
        input=json.dumps(texts),
        capture_output=True,
        check=True,
        text=True,
        timeout=LIMIT,
    )
    readings: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return readings


type Said = dict[str, dict[str, list[str]]]


@pytest.fixture(scope="module")
def consents() -> Said:
    return said("consents")


@pytest.fixture(scope="module")
def changes() -> Said:
    return said("changes")


def said(name: str) -> Said:
    """Return the texts of a file by its two levels of keys."""
    found: Said = yaml.safe_load((ROOT / f"tests/strangers/{name}.yml").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def turns(consents: Said, changes: Said) -> dict[str, Turn]:
    """The turns that the model makes of all texts."""
    texts = list(dict.fromkeys(text for each in (consents, changes) for text in texts_in(each)))
    return {text: turn_of(text, reading) for text, reading in zip(texts, read(texts), strict=True)}


def texts_in(given: Said) -> Iterator[str]:
    return (text for group in given.values() for texts in group.values() for text in texts)


def turn_of(text: str, reading: dict[str, Any]) -> Turn:
    intent, meant = reading["intent"], reading["field_meant"]
    return Turn(
        intent["name"] or "nlu_fallback",
        confidence=intent["confidence"],
        text=text,
        message_id="new",
        length=len(text),
        yes_to=tuple(reading["explicit_yes"] or ()),
        meant=meant["name"],
        meant_confidence=meant["confidence"],
    )


def taken(steps: dict[str, list[str]], turns: dict[str, Turn]) -> list[str]:
    """Return the texts that are taken for a yes to their step."""
    pairs = ((step, text) for step, texts in steps.items() for text in texts)
    return [f"{step}: {text}" for step, text in pairs if is_explicit_yes(turns[text], step)]


def test_most_yeses_in_own_words_are_taken(consents: Said, turns: dict[str, Turn]) -> None:
    given = consents["given"]
    assert len(taken(given, turns)) >= GIVEN_MIN * sum(map(len, given.values()))


def test_hardly_anything_else_is_taken_for_a_yes(consents: Said, turns: dict[str, Turn]) -> None:
    others = consents["not_given"]
    found = taken(others, turns)
    assert len(found) <= NOT_GIVEN_MAX * sum(map(len, others.values())), found


@pytest.mark.parametrize(("step", "share"), CHANGES_MIN.items())
def test_most_fields_to_change_are_found_without_their_names(
    directory: Directory, changes: Said, turns: dict[str, Turn], step: str, share: float
) -> None:
    asked = replace(COMPLETE, step=step, address="proved")
    wanted = [(field, text) for field, texts in changes[step].items() for text in texts]
    wanted = [(field, text) for field, text in wanted if field != "none"]
    missed = [each for each in wanted if not leads_to(*each, asked, turns, directory)]
    assert len(missed) <= (1 - share) * len(wanted), missed


def leads_to(
    field: str, text: str, asked: Draft, turns: dict[str, Turn], directory: Directory
) -> bool:
    """Return True if a text leads to its field, or changes it at once."""
    draft = advance(asked, turns[text], directory).draft
    asks_for_office = field == "category" and draft.step == "office"
    return asks_for_office or draft.step == field or getattr(draft, field) != getattr(asked, field)


def test_hardly_any_praise_of_the_summary_changes_a_field(
    directory: Directory, changes: Said, turns: dict[str, Turn]
) -> None:
    asked = replace(COMPLETE, structure="asp_ragusa", address="proved")
    fields = ("category", "structure", "description", "address")
    texts = changes["confirmation"]["none"]
    drafts = [(text, advance(asked, turns[text], directory).draft) for text in texts]
    changed = [
        text
        for text, draft in drafts
        if any(getattr(draft, field) != getattr(asked, field) for field in fields)
    ]
    assert len(changed) <= CHANGED_MAX * len(texts), changed
