"""The normal form of what citizens type."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intercup.domain.normalise import MARKS_MAX, normalise, without_identifiers

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))
BIDI_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@given(ANY_TEXT)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(ANY_TEXT)
def test_no_control_but_tab_and_line_feed_is_left(text: str) -> None:
    controls = {c for c in normalise(text) if unicodedata.category(c) == "Cc"}
    assert controls <= {"\t", "\n"}


@given(ANY_TEXT)
def test_the_result_can_always_be_encoded(text: str) -> None:
    normalise(text).encode("utf-8")


@given(ANY_TEXT)
def test_the_result_is_composed_and_trimmed(text: str) -> None:
    result = normalise(text)
    assert unicodedata.is_normalized("NFC", result)
    assert result == result.strip()


@given(st.text(st.characters(categories=("L", "N", "P", "S"))))
def test_ordinary_text_only_becomes_composed(text: str) -> None:
    assert normalise(text) == unicodedata.normalize("NFC", text)


LINE_ENDS = ["\r\n", *"\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029"]


@pytest.mark.parametrize("end", LINE_ENDS)
def test_every_line_end_becomes_a_line_feed(end: str) -> None:
    assert normalise(f"prima{end}seconda") == "prima\nseconda"


@pytest.mark.parametrize("mark", BIDI_CONTROLS)
def test_marks_that_reorder_text_are_removed(mark: str) -> None:
    assert normalise(f"pri{mark}ma") == "prima"


def test_emoji_made_of_several_characters_stay_whole() -> None:
    family = "👨\u200d👩\u200d👧 ❤️ 👍🏽"
    assert normalise(family) == family


def test_no_letter_keeps_more_marks_than_any_script_needs() -> None:
    assert normalise("q" + "\u0301" * 2_000 + " fine") == "q" + "\u0301" * MARKS_MAX + " fine"


def test_a_long_run_of_marks_takes_no_time() -> None:
    start = time.process_time()
    normalise("a" + "\u0301\u0316" * 60_000)
    assert time.process_time() - start < 0.5  # seconds; NFC alone takes 17


def test_decomposed_accents_become_composed() -> None:
    assert normalise("perche\u0301") == "perché"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("scrivetemi a rosa.bianca@example.it grazie", "scrivetemi a indirizzo e-mail grazie"),
        ("Rossi <rosa@example.it>, grazie", "Rossi indirizzo e-mail>, grazie"),
        ("@a@b.it e ciao @tutti", "indirizzo e-mail e ciao @tutti"),
        ("sono RSSMRA80A01H501U e non entro", "sono codice fiscale e non entro"),
        ("la ricetta 190A4 1234567890 è rifiutata", "la ricetta numero della ricetta è rifiutata"),
        ("la ricetta 190A41234567890 è rifiutata", "la ricetta numero della ricetta è rifiutata"),
        ("chiamatemi al 338 1234567", "chiamatemi al numero"),
        ("chiamatemi al +39 095/123.4567", "chiamatemi al numero"),
        ("sono RSS MRA 80A01 H501U e non entro", "sono codice fiscale e non entro"),
        ("cfRSSMRA80A01H50MU", "cfcodice fiscale"),
        ("chiamatemi al 333\u2013123,4567", "chiamatemi al numero"),
        ("errore 500 il 15 marzo alle 10:30", "errore 500 il 15 marzo alle 10:30"),
        ("all'ASP 3 di Catania", "all'ASP 3 di Catania"),
    ],
)
def test_what_names_a_person_is_left_out(text: str, left: str) -> None:
    assert without_identifiers(text) == left
