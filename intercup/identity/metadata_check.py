"""Checks of the metadata before they go to the registering authority.

Source: SPID regole tecniche, "Metadata"; Avviso SPID n. 29.
"""

import re
from urllib.parse import urlsplit

from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

from intercup.domain.mailbox import is_mailbox
from intercup.identity.saml_xml import NS, certificate_body
from intercup.identity.scheme import CIE
from intercup.identity.spid_settings import SpidSettings

_PHONE = re.compile(r"\+39\d{6,13}")
_FISCAL_CODE = re.compile(r"\d{11}|[A-Z0-9]{16}")
_MUNICIPALITY = re.compile(r"\d{6}")


def metadata_problems(document: bytes, spid: SpidSettings) -> list[str]:
    """List the problems, in Italian, with their settings; empty if there are none.

    The addresses must be public: a demo's never are.
    """
    return [
        *_document_problems(document, spid),
        *_address_problems(spid),
        *_registration_problems(spid),
    ]


def _document_problems(document: bytes, spid: SpidSettings) -> list[str]:
    problems = []
    if isinstance(OneLogin_Saml2_XML.validate_xml(document, "saml-schema-metadata-2.0.xsd"), str):
        problems.append("il documento non rispetta lo schema dei metadata SAML 2.0")
    if not OneLogin_Saml2_Utils.validate_metadata_sign(document, spid.certificate_pem):
        problems.append("la firma non è quella del certificato")
    root = etree.fromstring(document)
    published = root.findtext(".//md:KeyDescriptor[@use='signing']//ds:X509Certificate", "", NS)
    if published != certificate_body(spid.certificate_pem):
        problems.append("il certificato pubblicato non è quello configurato")
    return problems


def _address_problems(spid: SpidSettings) -> list[str]:
    names = {
        f"{spid.scheme.name}_entity_id": spid.entity_id,
        "base_url": spid.base_url,
        "spid_organization_url": spid.organization_url,
    }
    problems = []
    for name, address in names.items():
        parts = urlsplit(address)
        if parts.scheme != "https" or not parts.hostname or "." not in parts.hostname:
            problems.append(f"INTERCUP_{name.upper()}: {address} non è un indirizzo https pubblico")
        elif parts.port or parts.query or parts.fragment:
            problems.append(f"INTERCUP_{name.upper()}: {address} non deve avere porta né parametri")
    return problems


def _registration_problems(spid: SpidSettings) -> list[str]:
    checks = {
        "INTERCUP_SPID_ORGANIZATION_NAME: manca": bool(spid.organization_name.strip()),
        "INTERCUP_SPID_IPA_CODE: manca il codice dell'indice delle PA": bool(spid.ipa_code.strip()),
        "INTERCUP_SPID_CONTACT_EMAIL: non è un indirizzo e-mail": is_mailbox(spid.contact_email),
        "INTERCUP_SPID_CONTACT_PHONE: deve essere +39 e il numero, senza spazi": bool(
            _PHONE.fullmatch(spid.contact_phone)
        ),
        "INTERCUP_SPID_FISCAL_CODE: non è un codice fiscale": not spid.fiscal_code
        or bool(_FISCAL_CODE.fullmatch(spid.fiscal_code)),
        "INTERCUP_CIE_MUNICIPALITY: deve essere il codice ISTAT, sei cifre": spid.scheme is not CIE
        or bool(_MUNICIPALITY.fullmatch(spid.municipality)),
    }
    return [problem for problem, passed in checks.items() if not passed]
