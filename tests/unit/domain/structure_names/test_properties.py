"""Properties of names of structures under any spelling, order or wording."""

import unicodedata
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intercup.domain.directory import Directory, Structure
from intercup.domain.structure_names import resolve_structure, words_of
from intercup.services.structures.structures_file import load_directory
from tests.support.paths import ROOT

DIRECTORY = load_directory(ROOT / "config" / "structures.yaml")
OWN_NAMES = [(s.id, name) for s in DIRECTORY.structures for name in (s.name, *s.aliases)]
PLACES = [name for s in DIRECTORY.structures for name in s.places]
OUTSIDE = [name for place in DIRECTORY.outside for name in place.names]
AROUND = [
    *("non", "no", "né", "ma", "e", "o", "è", ",", ".", "invece di", "tranne", "il", "al", "di"),
    *("dottor", "via", "abito a", "mi chiamo", "asp", "ospedale", "policlinico", "san", "3", "me"),
    *("non riesco a prenotare", "risonanza", "visita medica", "cervello", "saluti"),
]
EDITED_MIN = 5  # letters; in a shorter word ("asp tp") another letter is another name
within = settings(max_examples=150, deadline=timedelta(seconds=1))


@st.composite
def misspelled(draw: st.DrawFn, name: str) -> str:
    """A name with its words in any order, up to two wrong letters, any capitals and accents."""
    words = draw(st.permutations(name.split()))
    long_ones = [index for index, word in enumerate(words) if len(word) >= EDITED_MIN]
    for _ in range(draw(st.integers(0, 2)) if long_ones else 0):
        index = draw(st.sampled_from(long_ones))
        words[index] = draw(edited(words[index]))
    return draw(dressed(" ".join(words)))


@st.composite
def edited(draw: st.DrawFn, word: str) -> str:
    """A word with a letter left out, added, changed or swapped with the next."""
    place = draw(st.integers(0, max(0, len(word) - 1)))
    before, here, after = word[:place], word[place : place + 1], word[place + 1 :]
    letter = draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    changed = [before + after, before + letter + here + after, before + letter + after]
    return draw(st.sampled_from([*changed, before + after[:1] + here + after[1:]]))


@st.composite
def dressed(draw: st.DrawFn, text: str) -> str:
    """The same letters, some as capitals and some with an accent."""
    accents = draw(st.sets(st.integers(0, len(text))))
    capitals = draw(st.sets(st.integers(0, len(text))))
    letters = [letter.upper() if i in capitals else letter for i, letter in enumerate(text)]
    typed = [x + "\u0300" if i in accents and x in "aeiou" else x for i, x in enumerate(letters)]
    return unicodedata.normalize("NFC", "".join(typed))


@within
@given(st.data(), st.sampled_from(OWN_NAMES))
def test_no_spelling_or_order_names_another_structure(
    data: st.DataObject, named: tuple[str, str]
) -> None:
    id_, name = named
    found = resolve_structure(data.draw(misspelled(name)), DIRECTORY)
    assert found.kind != "one" or found.ids == (id_,)


@within
@given(st.data(), st.sampled_from(OUTSIDE))
def test_no_spelling_or_order_makes_an_outside_place_a_structure(
    data: st.DataObject, name: str
) -> None:
    assert resolve_structure(data.draw(misspelled(name)), DIRECTORY).kind != "one"


@within
@given(st.data(), st.sampled_from([name for _, name in OWN_NAMES] + PLACES + OUTSIDE))
def test_capitals_and_accents_change_nothing(data: st.DataObject, name: str) -> None:
    assert resolve_structure(data.draw(dressed(name)), DIRECTORY) == resolve_structure(
        name, DIRECTORY
    )


texts = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from([name for _, name in OWN_NAMES] + PLACES + OUTSIDE + AROUND * 3),
        max_size=12,
    ).map(" ".join),
)


@settings(max_examples=400, deadline=timedelta(seconds=1))
@given(texts)
def test_whatever_is_written_the_result_is_sound(text: str) -> None:
    found = resolve_structure(text, DIRECTORY)
    assert set(found.ids) <= DIRECTORY.structure_by_id.keys()
    assert len(set(found.ids)) == len(found.ids)
    sizes = {"one": {1}, "guess": {1}, "none": {0}}
    assert len(found.ids) in sizes.get(found.kind, range(1, 14))
    assert found.kind != "several" or len(found.ids) > 1
    if found.kind == "one":
        structure = DIRECTORY.structure_by_id[found.ids[0]]
        names = [set(words_of(name)) for name in (structure.name, *structure.aliases)]
        assert any(name <= set(words_of(text)) for name in names)


@within
@given(st.sampled_from(OWN_NAMES), st.sampled_from(OWN_NAMES))
def test_two_structures_are_never_one(left: tuple[str, str], right: tuple[str, str]) -> None:
    found = resolve_structure(f"{left[1]} oppure {right[1]}", DIRECTORY)
    for id_, name in (left, right):
        only = resolve_structure(name, DIRECTORY)
        assert only.kind != "one" or id_ in found.ids
    assert found.kind != "one" or left[0] == found.ids[0] or right[0] == found.ids[0]


@within
@given(st.sampled_from(OWN_NAMES), st.sampled_from(["non è", "tranne", "non voglio", "mica"]))
def test_what_is_denied_is_not_proposed(named: tuple[str, str], denial: str) -> None:
    assert resolve_structure(f"{denial} {named[1]}", DIRECTORY).kind == "none"


def with_one_more(name: str, *aliases: str) -> Directory:
    mailbox = ("cup@example.it",)
    added = Structure("added", name, "Enna", mailbox, mailbox, aliases, False, ("valguarnera",))
    return replace(DIRECTORY, structures=(*DIRECTORY.structures, added))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("A.O. Santa Speranza di Enna", "one"),
        ("ospedale speranza", "one"),
        ("ospedale speransa", "guess"),
        ("ospedalesperanza", "guess"),
        ("valguarnera", "guess"),
        ("non riesco a prenotare all'ospedale Speranza", "one"),
    ],
)
def test_one_entry_adds_a_structure(text: str, kind: str) -> None:
    directory = with_one_more("A.O. Santa Speranza di Enna", "ospedale speranza")
    found = resolve_structure(text, directory)
    assert (found.kind, found.ids) == (kind, ("added",))


@pytest.mark.parametrize(
    ("text", "kind"), [("ASP Enna", "one"), ("asp ena", "none"), ("asp di Enna", "one")]
)
def test_a_structure_prevails_over_the_same_outside_place(text: str, kind: str) -> None:
    found = resolve_structure(text, with_one_more("ASP Enna", "enna"))
    assert found.kind == kind
    assert kind == "none" or found.ids == ("added",)
