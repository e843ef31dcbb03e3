from pathlib import Path

import pytest
from evaluation.languages import FOLDER, LanguageFigures, language_table, read_kinds
from evaluation.metrics import Prediction
from evaluation.sentences import BOT, Sentence, copied, read
from evaluation.targets import EMERGENCY

COMMON = 6  # words; people say short things alike, such as "I took all the pills"
FILE = f"""
nlu:
- intent: greet
  examples: |
    - Hello - it's me
- intent: greet
  metadata:
    harmless: true
  examples: |
    - I had an infarct once
- intent: {EMERGENCY}
  examples: |
    - she can't breathe
"""


def test_a_set_is_read_by_kind(tmp_path: Path) -> None:
    path = tmp_path / "en_dev.yml"
    path.write_text(FILE)
    assert read_kinds(path) == {
        "intents": [Sentence("Hello - it's me", "greet")],
        "harmless": [Sentence("I had an infarct once", "greet")],
        "emergencies": [Sentence("she can't breathe", EMERGENCY)],
    }


def heard(label: str, predicted: str, possible: bool = False) -> Prediction:
    return Prediction("?", label, predicted, 1.0, possible=possible)


def test_a_row_shows_both_tiers_and_marks_a_set_below_the_target() -> None:
    figures = LanguageFigures(
        "ro",
        "test",
        [heard("greet", "greet"), heard("greet", "deny")],
        [heard(EMERGENCY, EMERGENCY), heard(EMERGENCY, "deny", possible=True)],
        [heard("greet", "greet"), heard("greet", EMERGENCY)],
    )
    assert language_table([figures]) == [
        ["ro", "prova", "2", "0,50 ◀", "0,50 + 0,50", "0,50 + 0,00"]
    ]


@pytest.fixture(scope="module")
def taught() -> list[Sentence]:
    return read(BOT / "data" / "nlu_languages.yml")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yml")), ids=lambda path: path.stem)
def test_no_sentence_of_a_set_teaches(path: Path, taught: list[Sentence]) -> None:
    found = {text for some in read_kinds(path).values() for text in copied(some, taught)}
    assert {text for text in found if len(text.split()) > COMMON} == set()
