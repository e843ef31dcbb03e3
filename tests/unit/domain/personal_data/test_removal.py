"""Removal of personal data, on invented sentences full of it."""

import re

import pytest

from intercup.domain.directory import Directory
from intercup.domain.personal_data import SENTENCE_MAX, without_personal_data
from intercup.domain.personal_data.name_lists import LIST
from tests.support.italian_names import PACKAGES
from tests.support.removal_figures import figures, sentences

NEVER_LEFT = ("e", "t", "c", "r")
FILES = ("sentences.txt", "fresh.txt")


def test_the_sample_is_large() -> None:
    assert len(sentences("sentences.txt")) >= 300


@pytest.mark.parametrize("file", FILES)
def test_addresses_telephones_and_codes_are_all_removed(file: str, directory: Directory) -> None:
    found = figures(file, directory)
    assert [failure for kind in NEVER_LEFT for failure in found[kind][1]] == []


@pytest.mark.parametrize("file", FILES)
def test_names_of_people_go_and_names_of_places_stay(file: str, directory: Directory) -> None:
    found = figures(file, directory)
    names, left = found["n"]
    assert len(left) <= 0.03 * names, left
    places, removed = found["k"]
    assert len(removed) <= 0.01 * places, removed


def test_a_number_cut_at_the_end_of_what_is_read_goes(directory: Directory) -> None:
    text = "https://x.it/" + "a" * (2 * SENTENCE_MAX - 18) + " 3331234567"
    assert not re.search(r"\d", without_personal_data(text, directory))


def test_every_name_of_the_directory_stays(directory: Directory) -> None:
    names = [n for s in directory.structures for n in (s.name, *s.aliases, *s.places)]
    names += [name for outside in directory.outside for name in outside.names]
    carriers = ("vorrei prenotare: {}", "sono di {} e chiedo", "{}", "il sito di {} non va")
    texts = [carrier.format(name) for name in names for carrier in carriers]
    changed = [text for text in texts if without_personal_data(text, directory) != text]
    assert len(changed) <= 0.01 * len(texts), changed


def test_the_persons_own_name_goes_however_it_is_written(directory: Directory) -> None:
    own = ("Niccolò", "D'Amico Xyzzy")
    text = "la pratica niccolo damico xyzzy, AMICO al Papardo"
    written = without_personal_data(text, directory, own)
    assert not re.search("niccolo|xyzzy|amico", written, re.IGNORECASE)
    assert "Papardo" in written


def test_a_long_text_is_cut_after_the_removal(directory: Directory) -> None:
    text = "parola " * 56 + "333 123 4567 " + "ancora " * 200
    written = without_personal_data(text, directory)
    assert len(written) <= SENTENCE_MAX
    assert "333" not in written


def test_short_numbers_and_hours_stay(directory: Directory) -> None:
    text = "errore 500 alle 10:30, 15 cifre, esenzione 048, chiamo il 112"
    assert without_personal_data(text, directory) == text


def test_the_list_names_the_packages_that_it_was_made_from() -> None:
    pinned = ", ".join(f"{name} {version}" for name, version in PACKAGES.items())
    assert pinned in LIST.read_text("utf-8").splitlines()[0]
