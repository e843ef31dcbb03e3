"""The sentences for training and of the two evaluation sets."""

from __future__ import annotations

import random
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
BURIED_MAX = 130  # characters of an emergency that is put into a long text
LONG = 1_900  # characters of such a text
# Sentences by a stranger, measured once when they came and then only reported.
STRANGERS_FILE = BOT / "tests" / "nlu_strangers.yml"
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
        for block in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["nlu"]
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


def buried(sentences: Iterable[Sentence], emergency: str) -> List[Sentence]:
    """Put each short emergency into a long text without punctuation, made of the harmless ones."""
    places = random.Random(3)  # noqa: S311  # The same texts each time; nothing secret.
    told = list(sentences)
    harmless = [_dictated(each.text) for each in told if each.label != emergency]
    found = []
    for each in told:
        if each.label == emergency and len(each.text) <= BURIED_MAX:
            words: List[str] = []
            while sum(map(len, words)) + len(words) + len(each.text) < LONG:
                words += places.choice(harmless).split()
            at = places.randrange(len(words))
            text = " ".join([*words[:at], _dictated(each.text), *words[at:]])
            found.append(Sentence(text, emergency))
    return found


def _dictated(text: str) -> str:
    return " ".join(re.findall(r"[\w'’]+", text))
