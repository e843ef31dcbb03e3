"""Drafts that name what the directory no longer has, or that another version wrote."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intercup.domain.dialogue import (
    Draft,
    Heard,
    advance,
    draft_as_json,
    draft_from_json,
    open_request,
)
from intercup.domain.directory import Directory
from tests.support.dialogue_steps import COMPLETE, answers_of, presses, says

DESCRIPTION = Draft(category="technical", structure="ao_papardo", step="description")
LONG = "Quando scelgo la data la pagina resta bianca e devo ricominciare."


@pytest.fixture
def smaller(directory: Directory) -> Directory:
    """The directory without a structure and a category."""
    return replace(
        directory,
        structures=tuple(s for s in directory.structures if s.id != "ao_papardo"),
        categories=tuple(c for c in directory.categories if c.id != "information"),
    )


def test_a_structure_that_is_gone_is_asked_again_and_the_rest_stays(smaller: Directory) -> None:
    outcome = advance(COMPLETE, presses("affirm"), smaller)
    assert outcome.ending is None
    assert answers_of(outcome) == ["utter_choice_gone"]
    assert outcome.draft == replace(COMPLETE, structure=None, step="structure")


def test_a_category_that_is_gone_is_asked_again(smaller: Directory) -> None:
    draft = replace(COMPLETE, category="information", structure="asp_trapani")
    outcome = advance(draft, presses("affirm"), smaller)
    assert (outcome.draft.category, outcome.draft.step) == (None, "category")
    assert outcome.draft.description == draft.description


def test_a_description_typed_meanwhile_is_not_lost(smaller: Directory) -> None:
    outcome = advance(DESCRIPTION, says("report_booking_problem", LONG), smaller)
    assert (outcome.draft.step, outcome.draft.first_message) == ("structure", "new")


def test_a_candidate_that_is_gone_is_not_taken(smaller: Directory) -> None:
    draft = Draft(category="technical", candidates=("ao_papardo",), step="structure")
    outcome = advance(draft, presses("affirm"), smaller)
    assert (outcome.draft.structure, outcome.draft.candidates) == (None, ())


def test_a_request_taken_up_again_forgets_what_is_gone(smaller: Directory) -> None:
    heard = (Heard("m1", structures=("ao_papardo",), length=40),)
    draft = Draft(category="information", structure="ao_papardo", first_message="m1", heard=heard)
    outcome = open_request(draft, presses("request_assistance"), smaller)
    assert (outcome.draft.category, outcome.draft.structure) == (None, None)
    assert outcome.draft.first_message == "m1"


@pytest.mark.parametrize(
    "stored",
    [{"step": "telephone"}, {"candidates": 5}, {"heard": [1, {}]}, {"category": 3}, {"misses": ""}],
    ids=str,
)
def test_what_cannot_be_read_is_empty(stored: dict[str, Any]) -> None:
    assert draft_from_json(stored) == Draft()


def test_a_draft_of_another_version_keeps_the_words_only() -> None:
    stored = draft_as_json(COMPLETE) | {"version": 99}
    assert draft_from_json(stored) == Draft(first_message="m1")


def test_a_draft_without_a_version_is_read() -> None:
    stored = draft_as_json(COMPLETE)
    del stored["version"]
    assert draft_from_json(stored) == COMPLETE


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)


@given(stored=st.fixed_dictionaries(dict.fromkeys(draft_as_json(Draft()), anything)))
def test_any_stored_draft_can_be_read_and_written(stored: dict[str, Any]) -> None:
    draft = draft_from_json(stored)
    assert draft_from_json(draft_as_json(draft)) == draft
