"""Answers to an identity provider that logs a citizen out."""

import base64
import zlib
from dataclasses import replace
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest
from login_under_way import IDP, Keys, UnderWay
from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from intercup.identity.errors import LoginRefused
from intercup.identity.saml_xml import (
    ENTITY,
    NS,
    RSA_SHA256,
    SUCCESS,
    inflate,
    new_message_id,
    write_instant,
)
from intercup.identity.service_provider import ServiceProvider

SLO = f"{IDP}/slo"


@pytest.fixture
def with_logout(under_way: UnderWay) -> UnderWay:
    (provider,) = under_way.service._providers.values()
    provider = replace(provider, slo_url=SLO, slo_response_url=SLO)
    return replace(under_way, service=ServiceProvider(under_way.settings, [provider]))


def logout_query(login: UnderWay, keys: Keys, destination: str) -> str:
    """Write a LogoutRequest of the HTTP-Redirect binding and sign it."""
    request = (
        '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" '
        'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" '
        f'ID="{new_message_id()}" Version="2.0" IssueInstant="{write_instant(login.now)}" '
        f'Destination="{destination}"><saml:Issuer>{IDP}</saml:Issuer>'
        "<saml:NameID>_somebody</saml:NameID></samlp:LogoutRequest>"
    )
    deflated = base64.b64encode(zlib.compress(request.encode(), wbits=-15))
    query = f"SAMLRequest={quote_plus(deflated)}&RelayState=state&SigAlg={quote_plus(RSA_SHA256)}"
    signature = base64.b64encode(OneLogin_Saml2_Utils.sign_binary(query, keys.key))
    return f"{query}&Signature={quote_plus(signature)}"


def test_a_signed_logout_gets_a_signed_answer(with_logout: UnderWay, sp_keys: Keys) -> None:
    query = logout_query(with_logout, with_logout.idp_keys, with_logout.settings.slo_url)

    address = with_logout.service.answer_logout(query, with_logout.now)

    parts = urlsplit(address)
    values = {name: value[0] for name, value in parse_qs(parts.query).items()}
    root = etree.fromstring(inflate(values["SAMLResponse"]))
    issuer = root.find("saml:Issuer", NS)
    status = root.find("samlp:Status/samlp:StatusCode", NS)
    assert parts._replace(query="").geturl() == SLO
    assert values["RelayState"] == "state"
    assert status is not None
    assert status.get("Value") == SUCCESS
    assert issuer is not None
    assert (issuer.get("Format"), issuer.get("NameQualifier")) == (ENTITY, issuer.text)
    signed, _, _ = parts.query.partition("&Signature=")
    assert OneLogin_Saml2_Utils.validate_binary_sign(
        signed, base64.b64decode(values["Signature"]), sp_keys.certificate
    )


def test_a_logout_signed_by_somebody_else_is_refused(
    with_logout: UnderWay, foreign_keys: Keys
) -> None:
    query = logout_query(with_logout, foreign_keys, with_logout.settings.slo_url)

    with pytest.raises(LoginRefused) as refusal:
        with_logout.service.answer_logout(query, with_logout.now)

    assert refusal.value.key == "bad_signature"


def test_an_unsigned_logout_is_refused(with_logout: UnderWay) -> None:
    query = logout_query(with_logout, with_logout.idp_keys, with_logout.settings.slo_url)

    with pytest.raises(LoginRefused) as refusal:
        with_logout.service.answer_logout(query.partition("&SigAlg")[0], with_logout.now)

    assert refusal.value.key == "bad_signature"


def test_a_logout_for_somebody_else_is_refused(with_logout: UnderWay) -> None:
    query = logout_query(with_logout, with_logout.idp_keys, "https://other.example.it/slo")

    with pytest.raises(LoginRefused) as refusal:
        with_logout.service.answer_logout(query, with_logout.now)

    assert refusal.value.key == "wrong_destination"


@pytest.mark.parametrize(
    ("message", "key"),
    [
        (b"", "malformed"),
        (b"not deflated", "malformed"),
        (zlib.compress(b"<a/>", wbits=-15), "malformed"),
        (zlib.compress(b"<a>" + b" " * 10_000_000, wbits=-15), "too_large"),
    ],
)
def test_an_unreadable_logout_is_refused_without_being_inflated(
    message: bytes, key: str, with_logout: UnderWay
) -> None:
    query = f"SAMLRequest={quote_plus(base64.b64encode(message))}"

    with pytest.raises(LoginRefused) as refusal:
        with_logout.service.answer_logout(query, with_logout.now)

    assert refusal.value.key == key
