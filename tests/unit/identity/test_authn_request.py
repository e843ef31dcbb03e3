"""The request that we send."""

import base64
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

from intercup.identity.demo_request import read_question
from intercup.identity.errors import LoginRefused
from intercup.identity.saml_xml import ENTITY, NS, RSA_SHA256, TRANSIENT, inflate
from intercup.identity.service_provider import ServiceProvider
from tests.support.login_under_way import IDP, UnderWay

SSO = f"{IDP}/sso"


def test_the_request_has_the_attributes_that_spid_wants(under_way: UnderWay) -> None:
    root = etree.fromstring(under_way.start.request_xml)

    assert dict(root.attrib) == {
        "ID": under_way.start.request_id,
        "Version": "2.0",
        "IssueInstant": under_way.start.issue_instant.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Destination": SSO,
        "ForceAuthn": "true",
        "AssertionConsumerServiceIndex": "0",
        "AttributeConsumingServiceIndex": "0",
    }


def test_the_request_names_its_issuer_with_format_and_qualifier(under_way: UnderWay) -> None:
    issuer = etree.fromstring(under_way.start.request_xml).find("saml:Issuer", NS)

    assert issuer is not None
    assert issuer.text == under_way.settings.entity_id
    assert dict(issuer.attrib) == {
        "Format": ENTITY,
        "NameQualifier": under_way.settings.entity_id,
    }


def test_the_request_asks_for_a_transient_name_and_at_least_level_2(under_way: UnderWay) -> None:
    root = etree.fromstring(under_way.start.request_xml)
    policy = root.find("samlp:NameIDPolicy", NS)
    context = root.find("samlp:RequestedAuthnContext", NS)

    assert policy is not None
    assert context is not None
    assert dict(policy.attrib) == {"Format": TRANSIENT}
    assert context.get("Comparison") == "minimum"
    assert [level.text for level in context] == ["https://www.spid.gov.it/SpidL2"]


def test_the_request_follows_the_schema(under_way: UnderWay) -> None:
    checked = OneLogin_Saml2_XML.validate_xml(
        under_way.start.request_xml, "saml-schema-protocol-2.0.xsd"
    )

    assert not isinstance(checked, str)


def test_the_redirect_carries_the_request_and_is_signed_with_our_key(under_way: UnderWay) -> None:
    start = under_way.start
    address = urlsplit(start.redirect_url)
    query = parse_qs(address.query)

    assert address._replace(query="").geturl() == SSO
    assert inflate(query["SAMLRequest"][0]).decode() == start.request_xml
    assert query["RelayState"] == [start.relay_state]
    assert query["SigAlg"] == [RSA_SHA256]
    assert read_question(address.query, under_way.service.metadata(), SSO) == under_way.question


@pytest.mark.parametrize("field", ["SAMLRequest", "RelayState", "Signature"])
def test_a_redirect_that_was_altered_no_longer_fits_its_signature(
    field: str, under_way: UnderWay
) -> None:
    query = urlsplit(under_way.start.redirect_url).query.replace(f"{field}=", f"{field}=AAAA")

    with pytest.raises(LoginRefused) as refusal:
        read_question(query, under_way.service.metadata(), SSO)

    assert refusal.value.key == "bad_signature"


def test_each_login_has_ids_of_its_own(under_way: UnderWay) -> None:
    other = under_way.service.begin(IDP, datetime.now(UTC))

    assert other.request_id != under_way.start.request_id
    assert other.relay_state != under_way.start.relay_state
    assert len(other.relay_state) >= 43


def test_special_signs_in_addresses_are_escaped(under_way: UnderWay) -> None:
    settings = replace(under_way.settings, entity_id='https://sp.example.it/?a=1&b="<2>"')
    service = ServiceProvider(settings, under_way.service._providers.values())

    root = etree.fromstring(service.begin(IDP, datetime.now(UTC)).request_xml)

    assert root.findtext("saml:Issuer", "", NS) == settings.entity_id


def test_an_unknown_identity_provider_is_refused(under_way: UnderWay) -> None:
    with pytest.raises(LoginRefused) as refusal:
        under_way.service.begin("https://unknown.example.it", datetime.now(UTC))

    assert refusal.value.key == "idp_unknown"


def test_by_the_post_binding_the_request_is_a_form_signed_from_the_inside(
    under_way: UnderWay,
) -> None:
    (provider,) = under_way.service._providers.values()
    provider = replace(provider, sso_post_url=f"{IDP}/post")
    settings = replace(under_way.settings, request_binding="post")

    start = ServiceProvider(settings, [provider]).begin(IDP, datetime.now(UTC))

    assert start.message.url == f"{IDP}/post"
    assert start.message.fields is not None
    assert start.message.fields["RelayState"] == start.relay_state
    document = base64.b64decode(start.message.fields["SAMLRequest"])
    assert document.decode() == start.request_xml
    root = etree.fromstring(document)
    assert (root.get("ID"), root.get("Destination")) == (start.request_id, f"{IDP}/post")
    assert OneLogin_Saml2_Utils.validate_sign(
        document, settings.certificate_pem, xpath="/samlp:AuthnRequest/ds:Signature"
    )
    checked = OneLogin_Saml2_XML.validate_xml(document, "saml-schema-protocol-2.0.xsd")
    assert not isinstance(checked, str)


def test_a_provider_without_the_post_binding_gets_a_redirect(under_way: UnderWay) -> None:
    settings = replace(under_way.settings, request_binding="post")
    service = ServiceProvider(settings, under_way.service._providers.values())

    start = service.begin(IDP, datetime.now(UTC))

    assert start.message.fields is None
    assert start.message.url.startswith(f"{SSO}?SAMLRequest=")
