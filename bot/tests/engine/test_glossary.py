import re
from collections import Counter
from pathlib import Path

import pytest
from engine import glossary
from engine.glossary import WORD, Glossary, plain, told_in_italian

ITALIAN = Path(__file__).parents[2] / "data/nlu.yml"
OFTEN = 15  # times; rarer words of the Italian sentences may be foreign ones, as in "hello"


@pytest.mark.parametrize(
    ("text", "italian"),
    [
        ("The calendar doesn't work", "The calendario non funziona"),
        ("l'HÔPITAL de Messine", "l'ospedale de Messina"),
        ("unde scriu reteta", "dove scrivo ricetta"),
        ("في كاتانيا", "في Catania"),
        ("بتراباني", "Trapani"),
        ("fi Katania, nekteb el wasfa", "fi Catania, scrivo el ricetta"),
        ("Il sito non mi fa scegliere la data", "Il sito non mi fa scegliere la data"),
    ],
)
def test_foreign_words_are_told_in_italian(text: str, italian: str) -> None:
    assert told_in_italian(text) == italian


def test_the_longest_beginning_counts_and_a_whole_word_goes_before_it(tmp_path: Path) -> None:
    path = tmp_path / "glossary.yml"
    path.write_text("uno: [ab*]\ndue: [abc*]\ntre: [abcd]\n")
    read = Glossary.read(path)
    assert [read.italian(word) for word in ("abx", "ABCX", "àbcd", "a")] == [
        "uno",
        "due",
        "tre",
        "a",
    ]


def test_no_word_of_the_italian_sentences_is_taken_for_a_foreign_one() -> None:
    text = ITALIAN.read_text("utf-8")
    words = Counter(plain(word) for word in WORD.findall(re.sub(r"(?m)^\S.*$", "", text)))
    read = Glossary.read(glossary.FILE)
    common = (word for word, count in words.items() if count >= OFTEN)
    changed = {word: read.italian(word) for word in common}
    assert {word: told for word, told in changed.items() if plain(told) != word} == {}
