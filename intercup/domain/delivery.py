"""The states of a delivery, and the transitions between them.

A new state is an entry here, a migration of the table's check, a sentence under `state` in
texts.yaml and an icon in requests.html; nothing else names states one by one.
"""

from collections.abc import Iterable
from enum import StrEnum


class DeliveryState(StrEnum):
    """The state of one mail to one recipient."""

    QUEUED = "queued"  # waits for its time
    SENDING = "sending"  # leased by a worker
    SENT = "sent"  # accepted by the relay
    HELD = "held"  # an office's mail that waits for a person
    FAILED = "failed"  # a citizen's mail that was refused, or a mail never to be sent

    @property
    def may_become(self) -> frozenset["DeliveryState"]:
        """The states that may follow this one."""
        return _TRANSITIONS[self]


_QUEUED, _SENDING, _SENT, _HELD, _FAILED = DeliveryState
_TRANSITIONS = {
    # The office changed its mailbox meanwhile.
    _QUEUED: frozenset({_SENDING, _HELD, _FAILED}),
    # A lapsed lease is taken over, and lost if the mailbox changes; an untried mail waits again.
    _SENDING: frozenset({_SENDING, _SENT, _QUEUED, _HELD, _FAILED}),
    _SENT: frozenset({_HELD, _FAILED}),  # it bounced
    _HELD: frozenset({_QUEUED, _FAILED}),
    _FAILED: frozenset({_QUEUED, _FAILED}),
}
UNDER_WAY = (_QUEUED, _SENDING)
NOT_SENT = (*UNDER_WAY, _HELD)
REFUSED = (_HELD, _FAILED)
NOT_ARRIVED = (*NOT_SENT, _FAILED)
FINAL = (_SENT, _FAILED)  # neither worker nor person needs to act
READDRESSED = "readdressed"  # the last error of a replaced mail
MAILBOX_CHANGED = "mailbox_changed"  # of one held because its office left the mailbox
MAILBOX_CHANGED_MEANWHILE = "mailbox_changed_meanwhile"  # so, but a worker was sending it
LEFT_MAILBOX = (MAILBOX_CHANGED, MAILBOX_CHANGED_MEANWHILE)
REPORTED = (_SENT, *REFUSED)  # told in the citizen's chat


def check_transition(sources: Iterable[DeliveryState], target: DeliveryState) -> None:
    """Refuse a transition that the table above doesn't have.

    Raises:
        ValueError: with both states.
    """
    for source in sources:
        if target not in source.may_become:
            raise ValueError(f"a delivery can't go from {source} to {target}")


def refused_state(role: str, can_be_sent_again: bool = True) -> DeliveryState:
    """Return the state of a refused mail: an office's waits for a person, others have failed."""
    return _HELD if role == "office" and can_be_sent_again else _FAILED


def overall_state(states: Iterable[DeliveryState]) -> DeliveryState:
    """Return the worst state of a mail's deliveries: held before queued before sent."""
    found = set(states)
    if found & set(REFUSED):
        return _HELD
    return _SENT if found == {_SENT} else _QUEUED
