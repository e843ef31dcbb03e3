"""Names as people type them, and the structures that they mean."""

import time
from pathlib import Path

import pytest
import yaml

from intercup.domain.directory import Directory
from intercup.domain.structure_names import Resolution, resolve_structure, words_of

Case = tuple[str, str, frozenset[str]]

GROUPS: dict[str, dict[str, str]] = yaml.safe_load(
    Path(__file__).with_name("structure_name_cases.yml").read_text("utf-8")
)


def cases_of(*groups: str) -> list[Case]:
    """Text, expected kind, expected structures."""
    wanted = [case for group in groups or GROUPS for case in GROUPS[group].items()]
    return [
        (text, kind, frozenset(ids)) for text, (kind, *ids) in ((t, e.split()) for t, e in wanted)
    ]


def case_of(text: str, found: Resolution) -> Case:
    return text, found.kind, frozenset(found.ids)


def test_a_text_is_taken_for_what_it_means(directory: Directory) -> None:
    found = [case_of(text, resolve_structure(text, directory)) for text, *_ in cases_of()]
    assert [pair for pair in zip(found, cases_of(), strict=True) if pair[0] != pair[1]] == []


def test_the_table_is_large_enough() -> None:
    assert len(cases_of()) >= 380
    assert len(GROUPS["typos"]) >= 80
    assert {kind for _, kind, _ in cases_of()} == {"one", "guess", "several", "outside", "none"}


def test_every_name_and_alias_finds_its_structure(directory: Directory) -> None:
    for structure in directory.structures:
        for name in (structure.name, *structure.aliases):
            assert structure.id in resolve_structure(name, directory).ids, name


def test_every_full_name_finds_only_its_structure(directory: Directory) -> None:
    for structure in directory.structures:
        for name in (structure.name, structure.name.upper(), structure.name.replace('"', "")):
            found = resolve_structure(name, directory)
            assert (found.kind, found.ids) == ("one", (structure.id,)), name


def test_every_place_proposes_its_structure(directory: Directory) -> None:
    for structure in directory.structures:
        for place in structure.places:
            assert structure.id in resolve_structure(place, directory).ids, place


def test_every_outside_name_is_known_to_be_outside(directory: Directory) -> None:
    for place in directory.outside:
        for name in place.names:
            assert resolve_structure(name, directory).kind == "outside", name


def test_accents_capitals_and_dots_do_not_matter() -> None:
    assert words_of("L'A.S.P. di Città, è À") == words_of("l'asp citta e a")


def test_a_very_long_text_is_resolved_quickly(directory: Directory) -> None:
    text = "parola qualunque che non dice niente " * 300 + "papardo"
    assert resolve_structure(text, directory).ids == ("ao_papardo",)


def test_four_times_the_text_takes_little_more_than_four_times_the_time(
    directory: Directory,
) -> None:
    def seconds_for(text: str) -> float:
        taken = []
        for _ in range(7):
            started = time.process_time()
            resolve_structure(text, directory)
            taken.append(time.process_time() - started)
        return min(taken)

    names = ("trapani ", "marsala ", "ne trapani ", "no trapani, ", "papardo messina ")
    slow = {
        name: times
        for name in names
        if (times := seconds_for(name * 2_000) / seconds_for(name * 500)) > 7  # quadratic: 16
    }
    assert slow == {}


@pytest.mark.parametrize(
    "words",
    ["x", "a ", "trapnai ", "ospedale catania policlinico san ", "qwertyuiopas ", "a@", "e-"],
)
def test_no_text_of_2000_characters_takes_long(directory: Directory, words: str) -> None:
    text = (words * 2000)[:2000]
    started = time.process_time()
    resolve_structure(text, directory)
    assert time.process_time() - started < 0.5  # seconds; a tenth is usual
