"""After a login that gave no e-mail address, one is asked for before the summary."""

from dataclasses import replace

import pytest

from intercup.domain.dialogue import ACCESS, Draft, Turn, advance, open_request
from intercup.domain.directory import Directory
from tests.support.dialogue_steps import (
    COMPLETE,
    PRIVACY_VERSION,
    REGULATION_VERSION,
    answers_of,
    presses,
    says,
)

SUMMARY = replace(COMPLETE, step="confirmation")
LAST = replace(COMPLETE, regulation=None, consent_asked=REGULATION_VERSION, step="regulation")
ADDRESS = replace(COMPLETE, step="address")


def without_email(turn: Turn) -> Turn:
    return replace(turn, has_email=False)


@pytest.mark.parametrize(("has_email", "step"), [(True, "confirmation"), (False, "address")])
def test_the_address_is_asked_after_the_consents(
    directory: Directory, has_email: bool, step: str
) -> None:
    turn = presses("affirm", has_email=has_email)
    assert advance(LAST, turn, directory).draft.step == step


def test_nothing_is_sent_without_an_address(directory: Directory) -> None:
    outcome = advance(SUMMARY, without_email(presses("affirm")), directory)
    assert (outcome.ending, outcome.draft.step) == (None, "address")


def test_a_request_taken_up_again_asks_for_it(directory: Directory) -> None:
    taken_up = replace(COMPLETE, step=None, address="proved")
    outcome = open_request(taken_up, without_email(presses("request_assistance")), directory)
    assert outcome.draft.step == "address"


def test_over_the_limit_of_codes_the_request_waits(directory: Directory) -> None:
    turn = without_email(says("nlu_fallback", "x", address="limited"))
    outcome = advance(ADDRESS, turn, directory)
    assert (outcome.ending, outcome.draft) == ("pause", replace(COMPLETE, step=None))


def test_the_right_code_leads_to_the_summary(directory: Directory) -> None:
    asked = advance(ADDRESS, without_email(says("nlu_fallback", "x", address="sent")), directory)
    assert asked.draft.step == "code"
    proved = advance(asked.draft, says("nlu_fallback", "123456", code="right"), directory)
    assert (proved.draft.step, proved.draft.address) == ("confirmation", "proved")


def test_there_is_no_address_to_leave_as_it_is(directory: Directory) -> None:
    outcome = advance(ADDRESS, without_email(presses("deny")), directory)
    assert outcome.draft.step == "address"
    assert answers_of(outcome) == ["utter_step_unknown"]


@pytest.mark.parametrize("step", ["category", "structure", "description"])
def test_the_questions_before_come_first(directory: Directory, step: str) -> None:
    draft = replace(COMPLETE, **{step: None}, step="edit_choice")
    outcome = advance(draft, without_email(presses("deny")), directory)
    assert outcome.draft.step == step


def test_before_login_nothing_changes(directory: Directory) -> None:
    draft = Draft(category=ACCESS, description="m1", address="proved", privacy=PRIVACY_VERSION)
    draft = replace(draft, consent_asked=REGULATION_VERSION, step="regulation")
    assert advance(draft, without_email(presses("affirm")), directory).draft.step == "confirmation"
