"""The messages we send: AuthnRequest and LogoutResponse by SPID's rules.

Source: SPID regole tecniche, "Single sign-on" and "Single logout"; Avviso SPID n. 5.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.authn_request import OneLogin_Saml2_Authn_Request
from onelogin.saml2.logout_response import OneLogin_Saml2_Logout_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from intercup.identity.saml_xml import (
    ENTITY,
    POST,
    RSA_SHA256,
    SAML,
    SAMLP,
    SUCCESS,
    TRANSIENT,
    new_message_id,
    tag,
    write_instant,
)

SERVICE_INDEX = "0"  # of our only ACS and our only set of attributes, see metadata.py


@dataclass(frozen=True)
class Outgoing:
    """A signed message on its way through the browser: a redirect, or a form to post.

    The signature covers the query as written, so a redirect must not re-encode it.
    """

    url: str
    fields: Mapping[str, str] | None = None  # None: redirect


class SpidAuthnRequest(OneLogin_Saml2_Authn_Request):  # type: ignore[misc]
    """A request to authenticate a citizen.

    The parent fills a text template without escaping, so this builds the XML itself and keeps
    the parent's encoding.
    """

    def __init__(
        self,
        settings: OneLogin_Saml2_Settings,
        force_authn: bool = True,
        is_passive: bool = False,
        set_nameid_policy: bool = True,
        name_id_value_req: str | None = None,
        *,
        now: datetime,
    ) -> None:
        self._settings = settings
        root = _message("AuthnRequest", settings, settings.get_idp_sso_url(), now)
        self._id = root.get("ID")
        root.set("ForceAuthn", "true")
        root.set("AssertionConsumerServiceIndex", SERVICE_INDEX)
        root.set("AttributeConsumingServiceIndex", SERVICE_INDEX)
        etree.SubElement(root, tag("samlp:NameIDPolicy"), Format=TRANSIENT)
        security = settings.get_security_data()
        context = etree.SubElement(
            root,
            tag("samlp:RequestedAuthnContext"),
            Comparison=security["requestedAuthnContextComparison"],
        )
        for level in security["requestedAuthnContext"]:
            etree.SubElement(context, tag("saml:AuthnContextClassRef")).text = level
        self._authn_request = etree.tostring(root, encoding="unicode")


class SpidLogoutResponse(OneLogin_Saml2_Logout_Response):  # type: ignore[misc]
    """Our answer to an identity provider's logout."""

    def __init__(
        self,
        settings: OneLogin_Saml2_Settings,
        response: str | None = None,
        *,
        now: datetime,
    ) -> None:
        super().__init__(settings, response)
        self._now = now

    def build(self, in_response_to: str, status: str = SUCCESS) -> None:
        """Build the message; the parent's lacks the issuer's Format and NameQualifier."""
        settings = self._settings
        root = _message("LogoutResponse", settings, settings.get_idp_slo_response_url(), self._now)
        root.set("InResponseTo", in_response_to)
        status_element = etree.SubElement(root, tag("samlp:Status"))
        etree.SubElement(status_element, tag("samlp:StatusCode"), Value=status)
        self.id = root.get("ID")
        self._logout_response = etree.tostring(root, encoding="unicode")


class SpidAuth(OneLogin_Saml2_Auth):  # type: ignore[misc]
    """python3-saml's signing and redirecting, with our messages."""

    def __init__(
        self, request_data: dict[str, Any], settings: OneLogin_Saml2_Settings, now: datetime
    ) -> None:
        super().__init__(request_data, settings)
        self._now = now

    def start(self, relay_state: str) -> Outgoing:
        """Make the request, by the binding that the settings name."""
        settings = self._settings
        if settings.get_idp_data()["singleSignOnService"]["binding"] != POST:
            return Outgoing(self.login(return_to=relay_state, force_authn=True))
        request = self.authn_request_class(settings)
        self._last_request_id = request.get_id()
        signed = sign_message(request.get_xml(), settings)
        self._last_request = signed.decode()
        return posted("SAMLRequest", signed, self.get_sso_url(), relay_state)

    def answer_logout(self, request_id: str, relay_state: str) -> Outgoing:
        """Make the answer to a logout request, by the binding that the settings name."""
        settings = self._settings
        answer = self.logout_response_class(settings)
        answer.build(request_id)
        url = self.get_slo_response_url()
        if settings.get_idp_data()["singleLogoutService"]["binding"] == POST:
            document = sign_message(answer.get_xml(), settings)
            return posted("SAMLResponse", document, url, relay_state)
        values = {"SAMLResponse": answer.get_response(), "RelayState": relay_state}
        values = {name: value for name, value in values.items() if value}
        self.add_response_signature(values, RSA_SHA256)
        return Outgoing(self.redirect_to(url, values))

    def authn_request_class(self, *arguments: Any) -> SpidAuthnRequest:
        """Build our request at our instant; the parent calls this as a class."""
        return SpidAuthnRequest(*arguments, now=self._now)

    def logout_response_class(self, *arguments: Any) -> SpidLogoutResponse:
        """Build our answer at our instant; the parent calls this as a class."""
        return SpidLogoutResponse(*arguments, now=self._now)

    def _build_signature(
        self, data: dict[str, str], saml_type: str, sign_algorithm: str = RSA_SHA256
    ) -> None:
        """Sign with the signature as the query's last field, as some verifiers expect."""
        data["SigAlg"] = sign_algorithm
        super()._build_signature(data, saml_type, sign_algorithm)


def sign_message(xml: str, settings: OneLogin_Saml2_Settings) -> bytes:
    """Sign a message of ours with an embedded signature, as the HTTP-POST binding requires."""
    document: bytes = OneLogin_Saml2_Utils.add_sign(
        xml, settings.get_sp_key(), settings.get_sp_cert(), sign_algorithm=RSA_SHA256
    )
    return document


def posted(kind: str, document: bytes, url: str, relay_state: str) -> Outgoing:
    """Put a signed message into the form of the HTTP-POST binding."""
    fields = {kind: base64.b64encode(document).decode(), "RelayState": relay_state}
    return Outgoing(url, {name: value for name, value in fields.items() if value})


def _message(
    name: str, settings: OneLogin_Saml2_Settings, destination: str, now: datetime
) -> etree._Element:
    """Build the root, issuer and destination common to our messages."""
    entity_id = settings.get_sp_data()["entityId"]
    root = etree.Element(tag(f"samlp:{name}"), nsmap={"samlp": SAMLP, "saml": SAML})
    root.set("ID", new_message_id())
    root.set("Version", "2.0")
    root.set("IssueInstant", write_instant(now))
    root.set("Destination", destination)
    issuer = etree.SubElement(root, tag("saml:Issuer"), Format=ENTITY, NameQualifier=entity_id)
    issuer.text = entity_id
    return root
