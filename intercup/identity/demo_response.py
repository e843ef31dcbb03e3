"""The demo identity provider's metadata and responses."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from intercup.identity.demo_request import Question
from intercup.identity.level import LEVEL_URI
from intercup.identity.metadata import add_italian, add_signing_key
from intercup.identity.providers import DEMO_NAME
from intercup.identity.saml_xml import (
    BEARER,
    DS,
    ENTITY,
    MD,
    NS,
    REDIRECT,
    SAML,
    SAMLP,
    SUCCESS,
    TRANSIENT,
    new_message_id,
    tag,
    write_instant,
)

VALIDITY = timedelta(minutes=5)
_STATUS = "urn:oasis:names:tc:SAML:2.0:status:"


def success(
    question: Question, idp_entity_id: str, attributes: Mapping[str, str], now: datetime
) -> etree._Element:
    """Build the unsigned response of a successful login."""
    root = _response(question, idp_entity_id, now)
    status = etree.SubElement(root, tag("samlp:Status"))
    etree.SubElement(status, tag("samlp:StatusCode"), Value=SUCCESS)
    assertion = etree.SubElement(root, tag("saml:Assertion"))
    _set_header(assertion, idp_entity_id, now)
    _add_subject(assertion, question, idp_entity_id, now)
    _add_conditions(assertion, question, now)
    _add_statements(assertion, attributes, now)
    return root


def failure(
    question: Question, idp_entity_id: str, error_code: int, now: datetime
) -> etree._Element:
    """Build the unsigned response of a login that ended with one of SPID's anomalies."""
    root = _response(question, idp_entity_id, now)
    status = etree.SubElement(root, tag("samlp:Status"))
    code = etree.SubElement(status, tag("samlp:StatusCode"), Value=f"{_STATUS}Responder")
    etree.SubElement(code, tag("samlp:StatusCode"), Value=f"{_STATUS}AuthnFailed")
    etree.SubElement(status, tag("samlp:StatusMessage")).text = f"ErrorCode nr{error_code}"
    return root


def sign(response: etree._Element, key_pem: str, certificate_pem: str) -> bytes:
    """Sign the assertion, if there is one, and then the response around it."""
    assertion = response.find("saml:Assertion", NS)
    if assertion is not None:
        signed = OneLogin_Saml2_Utils.add_sign(etree.tostring(assertion), key_pem, certificate_pem)
        response.replace(assertion, etree.fromstring(signed))
    document: bytes = OneLogin_Saml2_Utils.add_sign(
        etree.tostring(response), key_pem, certificate_pem
    )
    return document


def identity_provider_metadata(entity_id: str, sso_url: str, certificate_pem: str) -> bytes:
    """Build the demo identity provider's metadata, in the form of the SPID registry."""
    root = etree.Element(tag("md:EntityDescriptor"), nsmap={"md": MD, "ds": DS})
    root.set("entityID", entity_id)
    role = etree.SubElement(
        root,
        tag("md:IDPSSODescriptor"),
        protocolSupportEnumeration=SAMLP,
        WantAuthnRequestsSigned="true",
    )
    add_signing_key(role, certificate_pem)
    etree.SubElement(role, tag("md:NameIDFormat")).text = TRANSIENT
    etree.SubElement(role, tag("md:SingleSignOnService"), Binding=REDIRECT, Location=sso_url)
    organization = etree.SubElement(root, tag("md:Organization"))
    add_italian(organization, "md:OrganizationName", DEMO_NAME)
    add_italian(organization, "md:OrganizationDisplayName", DEMO_NAME)
    add_italian(organization, "md:OrganizationURL", entity_id)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _response(question: Question, idp_entity_id: str, now: datetime) -> etree._Element:
    root = etree.Element(tag("samlp:Response"), nsmap={"samlp": SAMLP, "saml": SAML})
    _set_header(root, idp_entity_id, now)
    root.set("InResponseTo", question.request_id)
    root.set("Destination", question.acs_url)
    return root


def _set_header(element: etree._Element, idp_entity_id: str, now: datetime) -> None:
    element.set("ID", new_message_id())
    element.set("Version", "2.0")
    element.set("IssueInstant", write_instant(now))
    etree.SubElement(element, tag("saml:Issuer"), Format=ENTITY).text = idp_entity_id


def _add_subject(
    assertion: etree._Element, question: Question, idp_entity_id: str, now: datetime
) -> None:
    subject = etree.SubElement(assertion, tag("saml:Subject"))
    name_id = etree.SubElement(subject, tag("saml:NameID"))
    name_id.set("Format", TRANSIENT)
    name_id.set("NameQualifier", idp_entity_id)
    name_id.text = new_message_id()
    confirmation = etree.SubElement(subject, tag("saml:SubjectConfirmation"), Method=BEARER)
    data = etree.SubElement(confirmation, tag("saml:SubjectConfirmationData"))
    data.set("InResponseTo", question.request_id)
    data.set("Recipient", question.acs_url)
    data.set("NotOnOrAfter", write_instant(now + VALIDITY))


def _add_conditions(assertion: etree._Element, question: Question, now: datetime) -> None:
    conditions = etree.SubElement(assertion, tag("saml:Conditions"))
    conditions.set("NotBefore", write_instant(now))
    conditions.set("NotOnOrAfter", write_instant(now + VALIDITY))
    restriction = etree.SubElement(conditions, tag("saml:AudienceRestriction"))
    etree.SubElement(restriction, tag("saml:Audience")).text = question.audience


def _add_statements(
    assertion: etree._Element, attributes: Mapping[str, str], now: datetime
) -> None:
    statement = etree.SubElement(assertion, tag("saml:AuthnStatement"))
    statement.set("AuthnInstant", write_instant(now))
    statement.set("SessionIndex", new_message_id())
    context = etree.SubElement(statement, tag("saml:AuthnContext"))
    etree.SubElement(context, tag("saml:AuthnContextClassRef")).text = LEVEL_URI
    values = etree.SubElement(assertion, tag("saml:AttributeStatement"))
    for name, value in attributes.items():
        attribute = etree.SubElement(values, tag("saml:Attribute"), Name=name)
        etree.SubElement(attribute, tag("saml:AttributeValue")).text = value
