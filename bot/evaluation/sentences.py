"""The sentences for training and of the two evaluation sets."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable, List

import yaml

BOT = Path(__file__).resolve().parent.parent
TRAINING = BOT / "data" / "nlu.yml"
# `dev` is for choices; `test` is for reports only.
SETS = {"dev": BOT / "tests" / "nlu_dev.yml", "test": BOT / "tests" / "nlu_test.yml"}
TIERS_FILE = BOT / "tests" / "nlu_tiers.yml"  # emergencies and harmless texts, for the tiers only


@dataclass(frozen=True)
class Sentence:
    """A citizen's sentence with its intent; `faq/spid` is a full name."""

    text: str
    label: str


def read(path: Path) -> List[Sentence]:
    """Read the examples of a file in Rasa's format."""
    return [
        Sentence(line.strip()[2:].strip(), block["intent"])
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
        if "intent" in block
        for line in block["examples"].splitlines()
        if line.strip().startswith("- ")
    ]


def normalised(text: str) -> str:
    """Return the text without capitals, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", letters)) or text.strip()


def copied(sentences: Iterable[Sentence], training: Iterable[Sentence]) -> List[str]:
    """Return the sentences also in the training data, up to capitals and punctuation."""
    known = {normalised(sentence.text) for sentence in training}
    return [sentence.text for sentence in sentences if normalised(sentence.text) in known]
