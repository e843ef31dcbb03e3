"""The metadata that we publish."""

from dataclasses import replace

import pytest
from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

from intercup.identity.metadata import signed_metadata
from intercup.identity.saml_xml import NS, POST, REDIRECT, TRANSIENT, certificate_body
from intercup.identity.scheme import CIE, SPID
from intercup.identity.service_provider import SpidSettings
from tests.support.login_under_way import Keys

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ROLE = "md:SPSSODescriptor"


@pytest.fixture
def root(settings: SpidSettings) -> etree._Element:
    return etree.fromstring(signed_metadata(settings))


def test_the_metadata_is_signed_with_our_key_and_no_other(
    settings: SpidSettings, foreign_keys: Keys
) -> None:
    document = signed_metadata(settings)

    assert OneLogin_Saml2_Utils.validate_metadata_sign(document, settings.certificate_pem)
    assert not OneLogin_Saml2_Utils.validate_metadata_sign(document, foreign_keys.certificate)
    altered = document.replace(b"/spid/acs", b"/spid/acx")
    assert not OneLogin_Saml2_Utils.validate_metadata_sign(altered, settings.certificate_pem)


def test_the_metadata_follows_the_schema(root: etree._Element) -> None:
    checked = OneLogin_Saml2_XML.validate_xml(etree.tostring(root), "saml-schema-metadata-2.0.xsd")

    assert not isinstance(checked, str)


def test_the_same_settings_give_the_same_metadata(settings: SpidSettings) -> None:
    assert signed_metadata(settings) == signed_metadata(settings)


def test_the_role_signs_and_wants_signatures(root: etree._Element, settings: SpidSettings) -> None:
    role = root.find(ROLE, NS)

    assert role is not None
    assert role.get("AuthnRequestsSigned") == "true"
    assert role.get("WantAssertionsSigned") == "true"
    assert role.findtext("md:NameIDFormat", "", NS) == TRANSIENT
    certificate = role.findtext("md:KeyDescriptor[@use='signing']//ds:X509Certificate", "", NS)
    assert certificate == certificate_body(settings.certificate_pem)


def test_the_consumer_service_is_the_default_with_index_0(root: etree._Element) -> None:
    services = root.findall(f"{ROLE}/md:AssertionConsumerService", NS)

    assert [dict(service.attrib) for service in services] == [
        {
            "Binding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
            "Location": "https://intercup.example.it/spid/acs",
            "index": "0",
            "isDefault": "true",
        }
    ]


def test_there_is_a_logout_service_for_both_bindings(root: etree._Element) -> None:
    services = root.findall(f"{ROLE}/md:SingleLogoutService", NS)

    assert [service.get("Binding") for service in services] == [REDIRECT, POST]
    assert {service.get("Location") for service in services} == {
        "https://intercup.example.it/spid/slo"
    }


def test_only_four_attributes_are_asked_for(root: etree._Element) -> None:
    service = root.find(f"{ROLE}/md:AttributeConsumingService", NS)

    assert service is not None
    assert service.get("index") == "0"
    asked = service.findall("md:RequestedAttribute", NS)
    assert [attribute.get("Name") for attribute in asked] == [
        "name",
        "familyName",
        "fiscalNumber",
        "email",
    ]


def test_every_text_for_people_is_marked_as_italian(root: etree._Element) -> None:
    texts = [
        *root.findall("md:Organization/*", NS),
        *root.findall(f"{ROLE}/md:AttributeConsumingService/md:ServiceName", NS),
    ]

    assert len(texts) == 4
    assert {text.get(LANG) for text in texts} == {"it"}


@pytest.mark.parametrize(("public", "kind"), [(True, "Public"), (False, "Private")])
def test_the_contact_says_what_kind_of_body_this_is(
    public: bool, kind: str, settings: SpidSettings
) -> None:
    root = etree.fromstring(signed_metadata(replace(settings, contact_public=public)))
    contact = root.find("md:ContactPerson[@contactType='other']", NS)

    assert contact is not None
    assert extensions_of(contact, SPID.extensions) == [
        ("IPACode", "r_sicili"),
        ("FiscalCode", "80012000826"),
        (kind, None),
    ]
    assert contact.findtext("md:Company", "", NS) == "Regione Siciliana"
    assert contact.findtext("md:EmailAddress", "", NS) == "intercup@regione.sicilia.it"
    assert contact.findtext("md:TelephoneNumber", "", NS) == "+390917071111"


def test_a_fiscal_code_that_is_not_set_is_left_out(settings: SpidSettings) -> None:
    root = etree.fromstring(signed_metadata(replace(settings, fiscal_code="")))

    assert b"FiscalCode" not in etree.tostring(root)


def test_the_metadata_for_cie_has_its_own_addresses_attributes_and_contact(
    settings: SpidSettings,
) -> None:
    root = etree.fromstring(signed_metadata(replace(settings, scheme=CIE)))

    acs = root.find(f"{ROLE}/md:AssertionConsumerService", NS)
    assert acs is not None
    assert acs.get("Location") == "https://intercup.example.it/cie/acs"
    asked = root.iterfind(f"{ROLE}/md:AttributeConsumingService/md:RequestedAttribute", NS)
    assert {attribute.get("Name") for attribute in asked} == set(CIE.attributes)
    contact = root.find("md:ContactPerson[@contactType='administrative']", NS)
    assert contact is not None
    assert extensions_of(contact, CIE.extensions) == [
        ("IPACode", "r_sicili"),
        ("FiscalCode", "80012000826"),
        ("Municipality", "082053"),
        ("Public", None),
    ]


def extensions_of(contact: etree._Element, namespace: str) -> list[tuple[str, str | None]]:
    found = contact.findall("md:Extensions/*", NS)
    assert {etree.QName(element).namespace for element in found} == {namespace}
    return [(etree.QName(element).localname, element.text) for element in found]
