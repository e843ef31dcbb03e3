"""Retention periods, applied by purge_rules.py and printed in the privacy notice."""

from datetime import timedelta

CONVERSATION = timedelta(hours=24)  # after its end
MAIL_BODY = timedelta(days=30)  # after sending; after creation if undeliverable
REGISTER = timedelta(days=365)  # of requests; then only counts remain
RATING_DETAILS = timedelta(days=365)  # the anonymous stars stay
SPID_REGISTER = timedelta(days=731)  # never less than 24 months
ADDRESS_PROOF = timedelta(hours=24)  # after its last use
PENDING_LOGIN = timedelta(minutes=10)  # later answers of the provider are refused
LIMITED_USE = timedelta(days=1)  # no limit looks further back
CODE_MAIL = timedelta(days=7)  # whole rows: a code belongs to no request
DESK_LOG = timedelta(days=365)  # and the names beside versions of answers and structures
MAILBOX_CHANGE = timedelta(days=14)  # without a confirmation
TRAINING = timedelta(days=90)  # and models, but the one in use and the one before it
BOUNCE_REPORT = timedelta(days=60)  # a fingerprint, so that the same report isn't taken twice
# Sessions are deleted after their end: see sessions.py of services/login and services/staff.

DAYS_OF_MONTH = 30  # in the privacy notice


def kept_for() -> dict[str, int]:
    """Return the periods by their names in the privacy notice."""
    return {
        "conversation_hours": CONVERSATION // timedelta(hours=1),
        "mail_days": MAIL_BODY.days,
        "register_months": REGISTER.days // DAYS_OF_MONTH,
        "spid_months": SPID_REGISTER.days // DAYS_OF_MONTH,
    }
