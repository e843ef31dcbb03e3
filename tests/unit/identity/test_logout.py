"""Answers to an identity provider that logs a citizen out."""

import base64
import zlib
from dataclasses import replace
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest
from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from intercup.identity.errors import LoginRefused
from intercup.identity.logout import LogoutByForm, LogoutByRedirect
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
from tests.support.login_under_way import IDP, Keys, UnderWay

SLO = f"{IDP}/slo"


@pytest.fixture
def with_logout(under_way: UnderWay) -> UnderWay:
    (provider,) = under_way.service._providers.values()
    provider = replace(provider, slo_url=SLO, slo_response_url=SLO)
    return replace(under_way, service=ServiceProvider(under_way.settings, [provider]))


@pytest.fixture
def with_posted_logout(under_way: UnderWay) -> UnderWay:
    (provider,) = under_way.service._providers.values()
    provider = replace(provider, slo_post_url=SLO)
    return replace(under_way, service=ServiceProvider(under_way.settings, [provider]))


def logout_request(login: UnderWay, destination: str, more: str = "") -> str:
    return (
        '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" '
        'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" '
        f'ID="{new_message_id()}" Version="2.0" IssueInstant="{write_instant(login.now)}" '
        f'Destination="{destination}" {more}><saml:Issuer>{IDP}</saml:Issuer>'
        "<saml:NameID>_somebody</saml:NameID></samlp:LogoutRequest>"
    )


def logout_query(login: UnderWay, keys: Keys, destination: str) -> str:
    """Write a LogoutRequest of the HTTP-Redirect binding and sign it."""
    request = logout_request(login, destination)
    deflated = base64.b64encode(zlib.compress(request.encode(), wbits=-15))
    query = f"SAMLRequest={quote_plus(deflated)}&RelayState=state&SigAlg={quote_plus(RSA_SHA256)}"
    signature = base64.b64encode(OneLogin_Saml2_Utils.sign_binary(query, keys.key))
    return f"{query}&Signature={quote_plus(signature)}"


def test_a_signed_logout_gets_a_signed_answer(with_logout: UnderWay, sp_keys: Keys) -> None:
    query = logout_query(with_logout, with_logout.idp_keys, with_logout.settings.slo_url)

    answer = with_logout.service.answer_logout(LogoutByRedirect(query), with_logout.now)

    assert answer.fields is None
    parts = urlsplit(answer.url)
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
        with_logout.service.answer_logout(LogoutByRedirect(query), with_logout.now)

    assert refusal.value.key == "bad_signature"


def test_an_unsigned_logout_is_refused(with_logout: UnderWay) -> None:
    query = logout_query(with_logout, with_logout.idp_keys, with_logout.settings.slo_url)

    with pytest.raises(LoginRefused) as refusal:
        with_logout.service.answer_logout(
            LogoutByRedirect(query.partition("&SigAlg")[0]), with_logout.now
        )

    assert refusal.value.key == "bad_signature"


def test_a_logout_for_somebody_else_is_refused(with_logout: UnderWay) -> None:
    query = logout_query(with_logout, with_logout.idp_keys, "https://other.example.it/slo")

    with pytest.raises(LoginRefused) as refusal:
        with_logout.service.answer_logout(LogoutByRedirect(query), with_logout.now)

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
        with_logout.service.answer_logout(LogoutByRedirect(query), with_logout.now)

    assert refusal.value.key == key


def logout_form(
    login: UnderWay, keys: Keys | None = None, more: str = "", destination: str | None = None
) -> bytes:
    """Write a LogoutRequest of the HTTP-POST binding and sign it from the inside."""
    request = logout_request(login, destination or login.settings.slo_url, more)
    keys = keys or login.idp_keys
    document: bytes = OneLogin_Saml2_Utils.add_sign(request, keys.key, keys.certificate)
    return document


def posted(document: bytes) -> LogoutByForm:
    return LogoutByForm(base64.b64encode(document).decode(), "state")


def test_a_posted_logout_gets_a_form_where_the_provider_takes_no_redirect(
    with_posted_logout: UnderWay, sp_keys: Keys
) -> None:
    login = with_posted_logout
    answer = login.service.answer_logout(posted(logout_form(login)), login.now)

    assert answer.url == SLO
    assert answer.fields is not None
    assert answer.fields["RelayState"] == "state"
    document = base64.b64decode(answer.fields["SAMLResponse"])
    assert OneLogin_Saml2_Utils.validate_sign(
        document, sp_keys.certificate, xpath="/samlp:LogoutResponse/ds:Signature"
    )
    assert etree.fromstring(document).get("Destination") == SLO


def test_a_posted_logout_gets_a_redirect_where_the_provider_takes_one(
    with_logout: UnderWay,
) -> None:
    answer = with_logout.service.answer_logout(posted(logout_form(with_logout)), with_logout.now)

    assert answer.fields is None
    assert answer.url.startswith(f"{SLO}?SAMLResponse=")


def test_a_posted_logout_of_somebody_else_is_refused(
    with_posted_logout: UnderWay, foreign_keys: Keys
) -> None:
    login = with_posted_logout
    other = "https://other.example.it/slo"
    signed = logout_form(login)
    attacks = {
        "bad_signature": [logout_form(login, foreign_keys), signed.replace(b"_some", b"_any")],
        "unsigned": [logout_request(login, login.settings.slo_url).encode()],
        "wrong_destination": [logout_form(login, destination=other)],
        "expired": [logout_form(login, more='NotOnOrAfter="2020-01-01T00:00:00Z"')],
        "malformed": [b"", b"<a/>", logout_form(login, more='Unknown="x"')],
        "dtd": [b"<!DOCTYPE x>" + signed],
    }
    for key, documents in attacks.items():
        for document in documents:
            with pytest.raises(LoginRefused) as refusal:
                login.service.answer_logout(posted(document), login.now)
            assert refusal.value.key == key


def test_a_logout_of_a_provider_without_logout_is_refused(under_way: UnderWay) -> None:
    query = logout_query(under_way, under_way.idp_keys, under_way.settings.slo_url)
    for request in (posted(logout_form(under_way)), LogoutByRedirect(query)):
        with pytest.raises(LoginRefused) as refusal:
            under_way.service.answer_logout(request, under_way.now)
        assert refusal.value.key == "idp_unknown"
