"""States of a delivery: their transitions, and where they are named."""

import itertools

import pytest

from intercup.domain.delivery import (
    DeliveryState,
    check_transition,
    overall_state,
    refused_state,
)
from tests.support.paths import ROOT

QUEUED, SENDING, SENT, HELD, FAILED = DeliveryState
ALLOWED = {
    *((QUEUED, after) for after in (SENDING, HELD, FAILED)),
    *((SENDING, after) for after in DeliveryState),
    *((SENT, after) for after in (HELD, FAILED)),
    *((HELD, after) for after in (QUEUED, FAILED)),
    *((FAILED, after) for after in (QUEUED, FAILED)),
}


def test_only_these_transitions_exist() -> None:
    for before, after in itertools.product(DeliveryState, repeat=2):
        if (before, after) in ALLOWED:
            check_transition([before], after)
        else:
            with pytest.raises(ValueError, match=f"from {before} to {after}"):
                check_transition([before], after)


def test_a_sent_mail_is_never_queued_again() -> None:
    with pytest.raises(ValueError, match="from sent to queued"):
        check_transition([HELD, SENT], QUEUED)


@pytest.mark.parametrize(
    ("role", "state"), [("office", HELD), ("copy", FAILED), ("code", FAILED), ("alarm", FAILED)]
)
def test_only_an_offices_refused_mail_waits_for_a_person(role: str, state: DeliveryState) -> None:
    assert refused_state(role) is state


def test_without_its_body_an_offices_refused_mail_has_failed() -> None:
    assert refused_state("office", can_be_sent_again=False) is FAILED


@pytest.mark.parametrize(
    ("states", "summed_up"),
    [
        ([SENT, SENT], SENT),
        ([SENT, QUEUED], QUEUED),
        ([SENT, SENDING], QUEUED),
        ([], QUEUED),
        ([SENT, HELD], HELD),
        ([QUEUED, FAILED], HELD),
    ],
)
def test_the_states_of_a_mail_are_summed_up(
    states: list[DeliveryState], summed_up: DeliveryState
) -> None:
    assert overall_state(states) is summed_up


def test_no_other_module_spells_a_state_out() -> None:
    spelled = ('state == "', 'state="', "state.in_((", '"state": "')
    offenders = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in (ROOT / "intercup").rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if any(words in line for words in spelled) and any(f'"{s}"' in line for s in DeliveryState)
    ]
    assert not offenders, "\n".join(offenders)
