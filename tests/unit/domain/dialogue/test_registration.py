"""After sending: the number, or the reason and the question that comes next."""

from dataclasses import replace

import pytest

from intercup.domain.dialogue import (
    ACCESS,
    Draft,
    Say,
    not_registered,
    registered,
    without_address,
)
from tests.support.dialogue_steps import COMPLETE, answers_of

SENT = replace(COMPLETE, step=None)


@pytest.mark.parametrize(
    ("category", "said"), [("technical", "utter_registered"), (ACCESS, "utter_registered_access")]
)
def test_a_registered_request_leaves_its_number_and_an_empty_draft(
    category: str, said: str
) -> None:
    outcome = registered(replace(SENT, category=category), "IC-1")
    assert outcome.say[0] == Say(said, {"request_number": "IC-1"})
    assert outcome.draft == Draft()


def test_a_request_that_is_not_registered_stays_at_the_summary() -> None:
    outcome = not_registered(SENT, "limited")
    assert (outcome.draft, answers_of(outcome)) == (COMPLETE, ["utter_not_registered_limited"])


def test_a_request_without_an_address_asks_for_one() -> None:
    outcome = without_address(SENT)
    assert (outcome.draft, outcome.say) == (replace(COMPLETE, step="address"), ())
