"""Forged, altered and hostile responses; integration tests send the same to the real route."""

import base64
import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import etree

from intercup.identity.errors import LoginRefused
from intercup.identity.saml_xml import MAX_MESSAGE
from tests.support.login_under_way import ATTRIBUTES, IDP, UnderWay
from tests.support.paths import ROOT
from tests.support.saml_attacks import ATTACKS
from tests.support.saml_wrappings import VICTIM

# python3-saml 1.16 reads the clock in a way that Python 3.12 deprecated.
pytestmark = pytest.mark.filterwarnings(
    "ignore:datetime.datetime.utc:DeprecationWarning:onelogin.saml2.utils"
)


def key_of(under_way: UnderWay, document: bytes) -> str:
    with pytest.raises(LoginRefused) as refusal:
        under_way.complete(document)
    return refusal.value.key


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_for_its_own_reason(name: str, under_way: UnderWay) -> None:
    key, attack = ATTACKS[name]

    assert key_of(under_way, attack(under_way.idp)) == key


def test_the_documentation_names_every_reason() -> None:
    table = (ROOT / "docs" / "identity.md").read_text("utf-8")

    for key, _ in ATTACKS.values():
        assert f"| `{key}` |" in table


@pytest.mark.parametrize("name", [name for name in ATTACKS if name.startswith("wrapping: ")])
def test_a_wrapping_keeps_its_namespaces(name: str, under_way: UnderWay) -> None:
    document = ATTACKS[name][1](under_way.idp)

    assert b"ns0:" not in document
    assert VICTIM.encode() in document or "same id" in name or "only_assertion" in name


@pytest.mark.parametrize(
    ("message", "key"),
    [("%%%", "malformed"), ("é", "malformed"), ("A" * MAX_MESSAGE + "A", "too_large")],
)
def test_what_is_not_base64_or_too_much_is_refused(
    message: str, key: str, under_way: UnderWay
) -> None:
    with pytest.raises(LoginRefused) as refusal:
        under_way.service.complete(
            message, under_way.start.relay_state, under_way.pending, under_way.now
        )

    assert refusal.value.key == key


def test_base64_may_have_line_breaks(under_way: UnderWay) -> None:
    message = base64.encodebytes(under_way.signed(under_way.answer())).decode()

    citizen = under_way.service.complete(
        message, under_way.start.relay_state, under_way.pending, under_way.now
    )

    assert citizen.surname == "D'Amico"


def test_a_response_to_an_earlier_login_of_ours_is_refused(under_way: UnderWay) -> None:
    old = under_way.signed(under_way.answer())
    start = under_way.service.begin(IDP, under_way.now)
    later = replace(under_way, start=start)

    assert key_of(later, old) == "wrong_request"


def test_a_response_after_its_time_is_refused(under_way: UnderWay) -> None:
    past = replace(under_way, now=under_way.now - timedelta(minutes=10))
    start = under_way.service.begin(IDP, past.now)
    past = replace(past, start=start)
    document = past.signed(past.answer())

    assert key_of(replace(past, now=under_way.now), document) == "expired"


def test_another_relay_state_is_refused(under_way: UnderWay) -> None:
    message = base64.b64encode(under_way.signed(under_way.answer())).decode()

    with pytest.raises(LoginRefused) as refusal:
        under_way.service.complete(message, "città", under_way.pending, under_way.now)

    assert refusal.value.key == "wrong_relay_state"


def test_an_identity_provider_that_went_away_is_refused(under_way: UnderWay) -> None:
    pending = replace(under_way.pending, idp_entity_id="https://gone.example.it")

    with pytest.raises(LoginRefused) as refusal:
        under_way.service.complete("", under_way.start.relay_state, pending, under_way.now)

    assert refusal.value.key == "idp_unknown"


def test_a_refusal_tells_nothing_about_the_citizen(
    under_way: UnderWay, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    signed = under_way.signed(under_way.answer())
    documents = [
        signed.replace(b"Niccol", b"Nicol"),
        signed.replace(b"</saml:Assertion>", b""),
        etree.tostring(under_way.answer()),
    ]

    for document in documents:
        with pytest.raises(LoginRefused) as refusal:
            under_way.complete(document)
        assert str(refusal.value) == refusal.value.key
    for value in ATTRIBUTES.values():
        assert value.removeprefix("TINIT-") not in caplog.text
