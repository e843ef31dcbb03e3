"""To which office a request may be passed on."""

import pytest

from intercup.domain.directory import Directory, Office
from intercup.domain.forwarding import (
    NOTE_MAX,
    ForwardForm,
    destination_of,
    had_it_before,
    problems_of_forward,
)


@pytest.mark.parametrize(
    ("destination", "structure", "addresses"),
    [
        ("technical", "asp_messina", ("f.dantonino@ads.it",)),
        ("administrative", "asp_messina", ("info.intercup@asp.messina.it",)),
        ("platform", "", ("InterCupassistenza@almaviva.it",)),
        ("platform", "asp_messina", ("InterCupassistenza@almaviva.it",)),
        ("platform", "unknown", ("InterCupassistenza@almaviva.it",)),
    ],
)
def test_a_form_names_an_office(
    directory: Directory, destination: str, structure: str, addresses: tuple[str, ...]
) -> None:
    form = ForwardForm(destination, structure, "x" * NOTE_MAX)
    assert problems_of_forward(form, directory) == {}
    assert destination_of(form, directory).addresses == addresses


@pytest.mark.parametrize(
    ("form", "problems"),
    [
        (
            ForwardForm("", "", ""),
            {"destination": "destination_missing", "structure": "structure_missing"},
        ),
        (ForwardForm("home", "asp_messina", ""), {"destination": "destination_missing"}),
        (ForwardForm("technical", "", ""), {"structure": "structure_missing"}),
        (ForwardForm("technical", "asp_napoli", ""), {"structure": "structure_unknown"}),
        (ForwardForm("platform", "", "x" * (NOTE_MAX + 1)), {"note": "note_long"}),
    ],
)
def test_each_problem_is_named_at_its_field(
    directory: Directory, form: ForwardForm, problems: dict[str, str]
) -> None:
    assert problems_of_forward(form, directory) == problems


@pytest.mark.parametrize(
    ("office", "had_it"),
    [
        (Office("uno", ("nuova@example.it",)), True),
        (Office("due", ("A@Example.it",)), True),
        (Office("due", ("a@example.it", "b@example.it")), True),
        (Office("due", ("a@example.it", "nuova@example.it")), False),
        (Office("due", ("nuova@example.it",)), False),
    ],
)
def test_an_office_had_it_by_its_name_or_at_all_its_addresses(office: Office, had_it: bool) -> None:
    assert had_it_before(office, {"uno"}, {"a@example.it", "B@example.it"}) is had_it
