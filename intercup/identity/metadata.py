"""This service provider's metadata.

Source: SPID regole tecniche, "Metadata"; Avviso SPID n. 29 (ContactPerson); for CIE, the schema of
its "Manuale operativo".
"""

import hashlib
import uuid

from lxml import etree
from onelogin.saml2.metadata import OneLogin_Saml2_Metadata

from intercup.identity.messages import SERVICE_INDEX
from intercup.identity.saml_xml import (
    DS,
    MD,
    POST,
    REDIRECT,
    SAMLP,
    TRANSIENT,
    certificate_body,
    tag,
)
from intercup.identity.scheme import CIE
from intercup.identity.spid_settings import SpidSettings

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def signed_metadata(spid: SpidSettings) -> bytes:
    """Build and sign the metadata; the same settings give the same bytes."""
    root = etree.Element(
        tag("md:EntityDescriptor"),
        nsmap={"md": MD, "ds": DS, spid.scheme.name: spid.scheme.extensions},
    )
    root.set("entityID", spid.entity_id)
    root.set("ID", f"_{hashlib.sha256(spid.entity_id.encode()).hexdigest()[:40]}")
    _add_role(root, spid)
    _add_organization(root, spid)
    _add_contact(root, spid)
    document = OneLogin_Saml2_Metadata.sign_metadata(
        etree.tostring(root), spid.private_key_pem, spid.certificate_pem
    )
    return document if isinstance(document, bytes) else document.encode()


def add_signing_key(role: etree._Element, certificate_pem: str) -> None:
    """Add the KeyDescriptor of a signing certificate."""
    key = etree.SubElement(role, tag("md:KeyDescriptor"), use="signing")
    info = etree.SubElement(key, tag("ds:KeyInfo"))
    data = etree.SubElement(info, tag("ds:X509Data"))
    body = etree.SubElement(data, tag("ds:X509Certificate"))
    body.text = certificate_body(certificate_pem)


def add_italian(parent: etree._Element, name: str, text: str) -> None:
    """Add an element with an Italian text."""
    element = etree.SubElement(parent, tag(name))
    element.set(_XML_LANG, "it")
    element.text = text


def _add_role(root: etree._Element, spid: SpidSettings) -> None:
    role = etree.SubElement(
        root,
        tag("md:SPSSODescriptor"),
        protocolSupportEnumeration=SAMLP,
        AuthnRequestsSigned="true",
        WantAssertionsSigned="true",
    )
    add_signing_key(role, spid.certificate_pem)
    for binding in (REDIRECT, POST):
        etree.SubElement(
            role, tag("md:SingleLogoutService"), Binding=binding, Location=spid.slo_url
        )
    etree.SubElement(role, tag("md:NameIDFormat")).text = TRANSIENT
    etree.SubElement(
        role,
        tag("md:AssertionConsumerService"),
        Binding=POST,
        Location=spid.acs_url,
        index=SERVICE_INDEX,
        isDefault="true",
    )
    _add_service(role, spid)


def _add_service(role: etree._Element, spid: SpidSettings) -> None:
    service = etree.SubElement(role, tag("md:AttributeConsumingService"), index=SERVICE_INDEX)
    if spid.scheme is CIE:
        # CIE wants an id as the name; a name-based one stays the same.
        add_italian(service, "md:ServiceName", str(uuid.uuid5(uuid.NAMESPACE_URL, spid.entity_id)))
        add_italian(service, "md:ServiceDescription", spid.service_name)
    else:
        add_italian(service, "md:ServiceName", spid.service_name)
    for attribute in spid.scheme.attributes:
        etree.SubElement(service, tag("md:RequestedAttribute"), Name=attribute)


def _add_organization(root: etree._Element, spid: SpidSettings) -> None:
    organization = etree.SubElement(root, tag("md:Organization"))
    add_italian(organization, "md:OrganizationName", spid.organization_name)
    add_italian(organization, "md:OrganizationDisplayName", spid.organization_display_name)
    add_italian(organization, "md:OrganizationURL", spid.organization_url)


def _add_contact(root: etree._Element, spid: SpidSettings) -> None:
    contact = etree.SubElement(root, tag("md:ContactPerson"), contactType=spid.scheme.contact_type)
    extensions = etree.SubElement(contact, tag("md:Extensions"))
    kind = "Public" if spid.contact_public else "Private"
    values = {
        "IPACode": spid.ipa_code,
        "FiscalCode": spid.fiscal_code,
        "Municipality": spid.municipality if spid.scheme is CIE else "",
        kind: None,
    }
    for name, value in values.items():
        if value != "":
            etree.SubElement(extensions, f"{{{spid.scheme.extensions}}}{name}").text = value
    etree.SubElement(contact, tag("md:Company")).text = spid.organization_name
    etree.SubElement(contact, tag("md:EmailAddress")).text = spid.contact_email
    etree.SubElement(contact, tag("md:TelephoneNumber")).text = spid.contact_phone
