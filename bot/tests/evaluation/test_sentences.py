from pathlib import Path

import pytest
from evaluation.sentences import LONG, Sentence, buried, copied, normalised, read

FILE = """
version: "3.1"
nlu:
- intent: greet
  examples: |
    - Ciao!
    - buongiorno - sono io
- lookup: structures
  examples: |
    - Papardo
- intent: faq/spid
  examples: |
    - che cos'è lo SPID?
"""


def test_examples_are_read_with_their_full_names(tmp_path: Path) -> None:
    path = tmp_path / "nlu.yml"
    path.write_text(FILE)
    assert read(path) == [
        Sentence("Ciao!", "greet"),
        Sentence("buongiorno - sono io", "greet"),
        Sentence("che cos'è lo SPID?", "faq/spid"),
    ]


@pytest.mark.parametrize("text", ["Perché no?", "perche  no", "PERCHÉ, NO!"])
def test_capitals_accents_and_punctuation_make_no_other_sentence(text: str) -> None:
    assert normalised(text) == "perche no"


def test_a_text_without_words_stays_itself() -> None:
    assert normalised("???") != normalised("!!!")


def test_a_copied_sentence_is_found() -> None:
    training = [Sentence("Sì, confermo.", "affirm")]
    sentences = [Sentence("si confermo", "affirm"), Sentence("confermo", "affirm")]
    assert copied(sentences, training) == ["si confermo"]


def test_short_emergencies_are_put_into_long_texts_without_punctuation() -> None:
    calm = [Sentence("Vorrei spostare la visita, se si può.", "thank")]
    told = [Sentence("Non respira, aiuto!", "alarm"), Sentence("x" * 131, "alarm"), *calm]
    (text,) = buried(told, "alarm")
    assert "Non respira aiuto" in text.text and "," not in text.text
    assert (text.label, LONG - 50 < len(text.text) <= LONG + 50) == ("alarm", True)
    assert buried(told, "alarm") == [text]
