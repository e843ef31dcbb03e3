"""Responses that the identity provider really signed, but that say something wrong."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from lxml import etree

from intercup.identity.demo_citizens import ANOMALIES
from intercup.identity.demo_response import failure
from intercup.identity.errors import LoginRefused
from intercup.identity.saml_xml import NS, write_instant
from intercup.identity.verified_identity import VerifiedIdentity
from tests.support.login_under_way import ATTRIBUTES, IDP, UnderWay

# python3-saml 1.16 reads the clock in a way that Python 3.12 deprecated.
pytestmark = pytest.mark.filterwarnings(
    "ignore:datetime.datetime.utc:DeprecationWarning:onelogin.saml2.utils"
)

Change = Callable[[etree._Element, UnderWay], None]


def put(path: str, attribute: str, value: str | None) -> Change:
    """Set an attribute, or remove it."""

    def change(root: etree._Element, login: UnderWay) -> None:
        element = root if path == "." else root.find(path, NS)
        if value is None:
            del element.attrib[attribute]
        else:
            element.set(attribute, value)

    return change


def put_time(path: str, attribute: str, offset: timedelta) -> Change:
    """Set an attribute to an instant before or after now."""

    def change(root: etree._Element, login: UnderWay) -> None:
        element = root if path == "." else root.find(path, NS)
        element.set(attribute, write_instant(login.now + offset))

    return change


def write(path: str, text: str) -> Change:
    """Replace an element's text."""

    def change(root: etree._Element, login: UnderWay) -> None:
        root.find(path, NS).text = text

    return change


def drop(path: str) -> Change:
    """Remove an element."""

    def change(root: etree._Element, login: UnderWay) -> None:
        element = root.find(path, NS)
        element.getparent().remove(element)

    return change


def repeat(path: str) -> Change:
    """Write an element twice."""

    def change(root: etree._Element, login: UnderWay) -> None:
        element = root.find(path, NS)
        element.addnext(etree.fromstring(etree.tostring(element)))

    return change


ASSERTION = "saml:Assertion"
SUBJECT = f"{ASSERTION}/saml:Subject"
NAME_ID = f"{SUBJECT}/saml:NameID"
CONFIRMATION = f"{SUBJECT}/saml:SubjectConfirmation"
DATA = f"{CONFIRMATION}/saml:SubjectConfirmationData"
CONDITIONS = f"{ASSERTION}/saml:Conditions"
AUDIENCE = f"{CONDITIONS}/saml:AudienceRestriction/saml:Audience"
LEVEL = f"{ASSERTION}/saml:AuthnStatement/saml:AuthnContext/saml:AuthnContextClassRef"
STATEMENT = f"{ASSERTION}/saml:AttributeStatement"
FISCAL_NUMBER = f"{STATEMENT}/saml:Attribute[@Name='fiscalNumber']"
HOUR = timedelta(hours=1)

WRONG = {
    "version": ("malformed", put(".", "Version", "1.1")),
    "instant missing": ("malformed", put(".", "IssueInstant", None)),
    "instant unreadable": ("malformed", put(".", "IssueInstant", "2026-11-24 10:00")),
    "instant impossible": ("malformed", put(".", "IssueInstant", "2026-13-45T10:00:00Z")),
    "instant before the request": ("wrong_instant", put_time(".", "IssueInstant", -HOUR)),
    "instant in the future": ("wrong_instant", put_time(".", "IssueInstant", HOUR)),
    "request missing": ("unsolicited", put(".", "InResponseTo", None)),
    "request empty": ("unsolicited", put(".", "InResponseTo", "")),
    "another request": ("wrong_request", put(".", "InResponseTo", "_another")),
    "destination missing": ("wrong_destination", put(".", "Destination", None)),
    "destination elsewhere": (
        "wrong_destination",
        put(".", "Destination", "https://intercup.example.it/spid/acs/other"),
    ),
    "issuer missing": ("wrong_issuer", drop("saml:Issuer")),
    "issuer another": ("wrong_issuer", write("saml:Issuer", "https://other.example.it")),
    "issuer format": ("wrong_issuer", put("saml:Issuer", "Format", "urn:other")),
    "status missing": ("malformed", drop("samlp:Status")),
    "status code empty": ("malformed", put("samlp:Status/samlp:StatusCode", "Value", "")),
    "status unknown": ("idp_error", put("samlp:Status/samlp:StatusCode", "Value", "urn:other")),
    "no assertion": ("malformed", drop(ASSERTION)),
    "assertion version": ("malformed", put(ASSERTION, "Version", "1.0")),
    "assertion before the request": (
        "wrong_instant",
        put_time(ASSERTION, "IssueInstant", -HOUR),
    ),
    "assertion in the future": ("wrong_instant", put_time(ASSERTION, "IssueInstant", HOUR)),
    "assertion issuer": (
        "wrong_issuer",
        write(f"{ASSERTION}/saml:Issuer", "https://other.example.it"),
    ),
    "assertion issuer format missing": (
        "wrong_issuer",
        put(f"{ASSERTION}/saml:Issuer", "Format", None),
    ),
    "subject missing": ("wrong_subject", drop(SUBJECT)),
    "name id missing": ("wrong_subject", drop(NAME_ID)),
    "name id empty": ("wrong_subject", write(NAME_ID, "")),
    "name id format": ("wrong_subject", put(NAME_ID, "Format", "urn:other")),
    "name id qualifier missing": ("wrong_subject", put(NAME_ID, "NameQualifier", None)),
    "confirmation missing": ("wrong_subject", drop(CONFIRMATION)),
    "confirmation twice": ("wrong_subject", repeat(CONFIRMATION)),
    "confirmation method": ("wrong_subject", put(CONFIRMATION, "Method", "urn:other")),
    "confirmation data missing": ("wrong_subject", drop(DATA)),
    "recipient missing": ("wrong_recipient", put(DATA, "Recipient", None)),
    "recipient elsewhere": (
        "wrong_recipient",
        put(DATA, "Recipient", "https://evil.example.it/?https://intercup.example.it/spid/acs"),
    ),
    "confirmation of another request": ("wrong_request", put(DATA, "InResponseTo", "_another")),
    "confirmation of no request": ("wrong_request", put(DATA, "InResponseTo", None)),
    "confirmation expired": ("expired", put_time(DATA, "NotOnOrAfter", -HOUR)),
    "confirmation without expiry": ("malformed", put(DATA, "NotOnOrAfter", None)),
    "conditions missing": ("malformed", drop(CONDITIONS)),
    "conditions expired": ("expired", put_time(CONDITIONS, "NotOnOrAfter", -HOUR)),
    "conditions not yet valid": ("not_yet_valid", put_time(CONDITIONS, "NotBefore", HOUR)),
    "conditions without start": ("malformed", put(CONDITIONS, "NotBefore", None)),
    "audience another": ("wrong_audience", write(AUDIENCE, "https://other.example.it")),
    "audience missing": ("wrong_audience", drop(AUDIENCE)),
    "audience twice": ("wrong_audience", repeat(AUDIENCE)),
    "level 1": ("level_too_low", write(LEVEL, "https://www.spid.gov.it/SpidL1")),
    "level unknown": ("level_too_low", write(LEVEL, "urn:oasis:SpidL2")),
    "statement of authentication missing": ("malformed", drop(f"{ASSERTION}/saml:AuthnStatement")),
    "session over": (
        "expired",
        put_time(f"{ASSERTION}/saml:AuthnStatement", "SessionNotOnOrAfter", -HOUR),
    ),
    "attributes missing": ("missing_attribute", drop(STATEMENT)),
    "fiscal number missing": ("missing_attribute", drop(FISCAL_NUMBER)),
    "fiscal number empty": ("missing_attribute", write(f"{FISCAL_NUMBER}/*", " ")),
    "fiscal number twice": ("invalid_attribute", repeat(FISCAL_NUMBER)),
    "fiscal number with two values": ("invalid_attribute", repeat(f"{FISCAL_NUMBER}/*")),
    "fiscal number implausible": ("invalid_attribute", write(f"{FISCAL_NUMBER}/*", "TINIT-1")),
    "fiscal number of another country": (
        "invalid_attribute",
        write(f"{FISCAL_NUMBER}/*", "TINDE-DMCNCL75M12G273U"),
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_signed_response_that_says_something_wrong_is_refused(
    case: str, under_way: UnderWay
) -> None:
    key, change = WRONG[case]
    response = under_way.answer()
    change(response, under_way)

    with pytest.raises(LoginRefused) as refusal:
        under_way.complete(under_way.signed(response))

    assert refusal.value.key == key


def test_a_right_response_gives_the_citizen(under_way: UnderWay) -> None:
    citizen = under_way.complete(under_way.signed(under_way.answer()))

    assert citizen == VerifiedIdentity(
        "Niccolò", "D'Amico", "DMCNCL75M12G273U", "niccolo.damico@example.it"
    )


def test_a_higher_level_than_the_one_asked_for_is_accepted(under_way: UnderWay) -> None:
    response = under_way.answer()
    write(LEVEL, "https://www.spid.gov.it/SpidL3")(response, under_way)

    assert under_way.complete(under_way.signed(response)).name == "Niccolò"


def test_the_response_issuer_needs_no_format(under_way: UnderWay) -> None:
    response = under_way.answer()
    put("saml:Issuer", "Format", None)(response, under_way)

    assert under_way.complete(under_way.signed(response)).name == "Niccolò"


def test_instants_may_have_decimals(under_way: UnderWay) -> None:
    response = under_way.answer()
    instant = under_way.now.strftime("%Y-%m-%dT%H:%M:%S.123Z")
    response.set("IssueInstant", instant)

    assert under_way.complete(under_way.signed(response)).name == "Niccolò"


def test_a_lower_case_fiscal_number_is_written_in_upper_case(under_way: UnderWay) -> None:
    attributes = ATTRIBUTES | {"fiscalNumber": "tinit-dmcncl75m12g273u"}

    citizen = under_way.complete(under_way.signed(under_way.answer(attributes)))

    assert citizen.fiscal_number == "DMCNCL75M12G273U"


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b", "two words@example.it", "a\u200b@example.it"]
)
def test_an_email_that_cannot_be_one_counts_as_missing(email: str, under_way: UnderWay) -> None:
    attributes = ATTRIBUTES | {"email": email}

    citizen = under_way.complete(under_way.signed(under_way.answer(attributes)))

    assert citizen.email is None


@pytest.mark.parametrize("name", ["x" * 201, "Nic\u202ecol"])
def test_an_implausible_name_is_refused(name: str, under_way: UnderWay) -> None:
    with pytest.raises(LoginRefused) as refusal:
        under_way.complete(under_way.signed(under_way.answer(ATTRIBUTES | {"name": name})))

    assert refusal.value.key == "invalid_attribute"


@pytest.mark.parametrize("code", ANOMALIES)
def test_an_anomaly_of_the_citizen_has_its_own_key(code: int, under_way: UnderWay) -> None:
    response = failure(under_way.question, IDP, code, under_way.now)

    with pytest.raises(LoginRefused) as refusal:
        under_way.complete(under_way.signed(response))

    assert refusal.value.key == f"spid_anomaly_{code}"


def test_any_other_anomaly_is_an_error_of_the_provider(under_way: UnderWay) -> None:
    response = failure(under_way.question, IDP, 8, under_way.now)

    with pytest.raises(LoginRefused) as refusal:
        under_way.complete(under_way.signed(response))

    assert refusal.value.key == "idp_error"


UNUSUAL_FAILURES = {
    "without issuer": drop("saml:Issuer"),
    "without request": put(".", "InResponseTo", None),
    "without destination": put(".", "Destination", None),
    "without instant": put(".", "IssueInstant", None),
    "code in words": write("samlp:Status/samlp:StatusMessage", "Error Code: 25 (annullato)"),
    "code with zeros": write("samlp:Status/samlp:StatusMessage", "errorcode n. 025"),
    "code in capitals": write("samlp:Status/samlp:StatusMessage", "ERRORCODE NR_25"),
}


@pytest.mark.parametrize("case", UNUSUAL_FAILURES)
def test_a_cancelled_login_is_told_however_the_provider_says_it(
    case: str, under_way: UnderWay
) -> None:
    response = failure(under_way.question, IDP, 25, under_way.now)
    UNUSUAL_FAILURES[case](response, under_way)

    with pytest.raises(LoginRefused) as refusal:
        under_way.complete(etree.tostring(response))

    assert refusal.value.key == "spid_anomaly_25"


@pytest.mark.parametrize("case", ["destination elsewhere", "another request", "issuer another"])
def test_a_failure_of_another_login_is_not_believed(case: str, under_way: UnderWay) -> None:
    key, change = WRONG[case]
    response = failure(under_way.question, IDP, 25, under_way.now)
    change(response, under_way)

    with pytest.raises(LoginRefused) as refusal:
        under_way.complete(etree.tostring(response))

    assert refusal.value.key == key
