"""The rules of a request and its number."""

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from intercup.domain.consent import CONSENTS
from intercup.domain.directory import Directory
from intercup.domain.request import Citizen, RequestForm, new_number, normalised, problems_of

BOTH = {consent.id: consent.version for consent in CONSENTS}
TEXT = "Il sito si blocca dopo la scelta della data."


def form(
    category: str | None = "technical",
    structure: str | None = "ao_papardo",
    description: str = TEXT,
    consents: Mapping[str, str] = BOTH,
) -> RequestForm:
    return RequestForm(category, structure, description, consents)


def test_a_number_has_three_groups_without_letters_that_people_misread() -> None:
    pattern = re.compile(r"IC-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")
    assert all(pattern.fullmatch(new_number()) for _ in range(1_000))


def test_numbers_do_not_repeat() -> None:
    assert len({new_number() for _ in range(20_000)}) == 20_000


def test_every_digit_of_a_number_varies() -> None:
    numbers = [new_number().replace("-", "")[2:] for _ in range(2_000)]
    assert all(len(set(column)) == 32 for column in zip(*numbers, strict=True))


def test_a_complete_request_has_no_problem(directory: Directory) -> None:
    assert problems_of(form(), directory) == {}


def test_an_empty_request_names_every_problem(directory: Directory) -> None:
    assert problems_of(form(None, None, "", {}), directory) == {
        "category": "category_missing",
        "structure": "structure_missing",
        "description": "description_short",
        "privacy": "privacy_missing",
        "regulation": "regulation_missing",
    }


@pytest.mark.parametrize("category", ["", "tecnico", "TECHNICAL", "technical "])
def test_an_unknown_category_is_missing(directory: Directory, category: str) -> None:
    assert problems_of(form(category), directory) == {"category": "category_missing"}


@pytest.mark.parametrize("category", ["technical", "information"])
def test_a_category_of_a_structure_needs_one(directory: Directory, category: str) -> None:
    assert problems_of(form(category, None), directory) == {"structure": "structure_missing"}


def test_the_platform_needs_no_structure(directory: Directory) -> None:
    assert problems_of(form("platform", None), directory) == {}


@pytest.mark.parametrize("category", ["technical", "information", "platform"])
def test_an_unknown_structure_is_refused_for_every_category(
    directory: Directory, category: str
) -> None:
    assert problems_of(form(category, "asp_enna"), directory) == {"structure": "structure_unknown"}


@pytest.mark.parametrize(
    ("length", "problem"),
    [(9, "description_short"), (10, None), (2_000, None), (2_001, "description_long")],
)
def test_a_description_has_10_to_2000_characters(
    directory: Directory, length: int, problem: str | None
) -> None:
    assert problems_of(form(description="x" * length), directory).get("description") == problem


@pytest.mark.parametrize("missing", [consent.id for consent in CONSENTS])
def test_each_consent_is_needed(directory: Directory, missing: str) -> None:
    found = problems_of(form(consents={k: v for k, v in BOTH.items() if k != missing}), directory)
    assert found == {missing: f"{missing}_missing"}


def test_a_sender_is_called_by_name_and_surname() -> None:
    assert Citizen("k", "Agata", "Lo Presti", "a@b.it").full_name == "Agata Lo Presti"


def test_an_office_of_an_unknown_category_is_an_error(directory: Directory) -> None:
    with pytest.raises(KeyError):
        directory.office_for("other", None)


def test_an_office_without_its_structure_is_an_error(directory: Directory) -> None:
    with pytest.raises(ValueError, match="needs a structure"):
        directory.office_for("technical", None)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (
            "Pagina: https://a.it\r\nOra: 23",
            "Pagina: https://a.it\nOra: 23",
        ),
        ("Ora:\x00 23:15\u202e\u2028\u2028Schermo: x", "Ora: 23:15\nSchermo: x"),
        ("\n".join("abcdefgh"), "\n".join("abcdef")),
        ("x" * 8_000, "x" * 500),
        ("  \n \t ", ""),
    ],
)
def test_of_the_pages_facts_only_a_few_plain_lines_are_kept(sent: str, kept: str) -> None:
    assert normalised(replace(form(), page_facts=sent)).page_facts == kept


def test_optional_answers_are_checked_only_if_given(directory: Directory) -> None:
    phones = {"091 123456": True, "+39 333.123.45.67": True, "12": False, "x" * 99: False}
    nres = {"1900A4012345678": True, "1900a *4012345678": True, "1900A40": False, "è" * 15: False}
    for phone, is_right in phones.items():
        problem = {} if is_right else {"phone": "phone_malformed"}
        assert problems_of(normalised(replace(form(), phone=phone)), directory) == problem, phone
    for nre, is_right in nres.items():
        problem = {} if is_right else {"nre": "nre_malformed"}
        assert problems_of(normalised(replace(form(), nre=nre)), directory) == problem, nre
    given = normalised(replace(form("information"), nre="1900A4012345678"))
    assert problems_of(given, directory) == {"nre": "nre_unneeded"}
