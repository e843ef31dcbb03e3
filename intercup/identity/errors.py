"""Reasons to refuse a login; each has a text for the citizen."""

from enum import StrEnum


class Reason(StrEnum):
    """Every key that a LoginRefused can carry."""

    UNSOLICITED = "unsolicited"  # no request of ours is waiting for this answer
    REPLAYED = "replayed"
    OTHER_BROWSER = "other_browser"
    WRONG_RELAY_STATE = "wrong_relay_state"
    WRONG_REQUEST = "wrong_request"  # it answers another request
    IDP_UNKNOWN = "idp_unknown"
    WRONG_ISSUER = "wrong_issuer"
    WRONG_DESTINATION = "wrong_destination"
    WRONG_RECIPIENT = "wrong_recipient"
    WRONG_AUDIENCE = "wrong_audience"
    WRONG_INSTANT = "wrong_instant"  # issued before our request or in the future
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    UNSIGNED = "unsigned"
    BAD_SIGNATURE = "bad_signature"
    WEAK_SIGNATURE = "weak_signature"
    SIGNATURE_WRAPPING = "signature_wrapping"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    DTD = "dtd"
    COMMENT = "comment"  # comments can cut a signed value in two
    WRONG_SUBJECT = "wrong_subject"
    LEVEL_TOO_LOW = "level_too_low"
    MISSING_ATTRIBUTE = "missing_attribute"
    INVALID_ATTRIBUTE = "invalid_attribute"
    IDP_ERROR = "idp_error"  # an anomaly not caused by the citizen
    SPID_ANOMALY_19 = "spid_anomaly_19"
    SPID_ANOMALY_20 = "spid_anomaly_20"
    SPID_ANOMALY_21 = "spid_anomaly_21"
    SPID_ANOMALY_22 = "spid_anomaly_22"
    SPID_ANOMALY_23 = "spid_anomaly_23"
    SPID_ANOMALY_25 = "spid_anomaly_25"
    SPID_ANOMALY_30 = "spid_anomaly_30"


class LoginRefused(Exception):
    """A refused login, with its reason as key and no personal data."""

    return_to: str | None = None  # the page after the login
    is_signed = False  # a failure with the provider's valid signature

    def __init__(self, key: str) -> None:
        super().__init__(str(key))
        self.key = str(key)
