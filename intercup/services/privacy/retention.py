"""Retention periods, applied by purge_rules.py and printed in the privacy notice."""

from datetime import timedelta

from intercup.administration import Retention, administration

ADDRESS_PROOF = timedelta(hours=24)  # after its last use
PENDING_LOGIN = timedelta(minutes=10)  # later answers of the provider are refused
LIMITED_USE = timedelta(days=1)  # no limit looks further back
CODE_MAIL = timedelta(days=7)  # whole rows: a code belongs to no request
MAILBOX_CHANGE = timedelta(days=14)  # without a confirmation
TRAINING = timedelta(days=90)  # and models, but the one in use and the one before it
BOUNCE_REPORT = timedelta(days=60)  # a fingerprint, so that the same report isn't taken twice
# Sessions are deleted after their end: see sessions.py of services/login and services/staff.


def kept() -> Retention:
    """Return the periods that the administration has chosen."""
    return administration().retention
