"""Answers to an identity provider's LogoutRequest, by both bindings.

At SPID level 2 no session is shared, so there is nothing to end: the answer is always success.
Source: SPID regole tecniche, "Single logout"; Avviso SPID n. 3.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from lxml import etree
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

from intercup.identity.errors import LoginRefused, Reason
from intercup.identity.messages import Outgoing, SpidAuth
from intercup.identity.providers import IdentityProvider
from intercup.identity.saml_xml import NS, decode, inflate, instant, parse, tag
from intercup.identity.signatures import check_logout_signature
from intercup.identity.spid_settings import SpidSettings, request_data, toolkit_settings

type ProviderOf = Callable[[str], IdentityProvider]

_FIELDS = {"SAMLRequest", "RelayState", "SigAlg", "Signature"}


@dataclass(frozen=True)
class LogoutByRedirect:
    """A LogoutRequest of the HTTP-Redirect binding: the raw query, as its signature covers it."""

    query_string: str


@dataclass(frozen=True)
class LogoutByForm:
    """A LogoutRequest of the HTTP-POST binding (base64), signed from the inside."""

    saml_request: str
    relay_state: str


def answer_redirected(
    spid: SpidSettings, provider_of: ProviderOf, message: LogoutByRedirect, now: datetime
) -> Outgoing:
    """Answer a redirected request with a redirect."""
    query = dict(parse_qsl(message.query_string))
    root = parse(inflate(query.get("SAMLRequest", "")))
    provider = _sender(root, spid, provider_of)
    if not provider.slo_url:
        raise LoginRefused(Reason.IDP_UNKNOWN)
    request = request_data(spid.slo_url) | {
        "get_data": {name: query[name] for name in _FIELDS & query.keys()},
        "query_string": message.query_string,
        "validate_signature_from_qs": True,
    }
    auth = SpidAuth(request, toolkit_settings(spid, provider), now)
    answer = auth.process_slo(keep_local_session=True)
    if auth.get_errors():
        raise LoginRefused(Reason.BAD_SIGNATURE)
    return Outgoing(str(answer))


def answer_posted(
    spid: SpidSettings, provider_of: ProviderOf, message: LogoutByForm, now: datetime
) -> Outgoing:
    """Answer a posted request, by a binding that its sender supports."""
    root = parse(decode(message.saml_request))
    provider = _sender(root, spid, provider_of)
    if not (provider.slo_url or provider.slo_post_url):
        raise LoginRefused(Reason.IDP_UNKNOWN)
    check_logout_signature(root, provider.certificates)
    if root.get("NotOnOrAfter") and instant(root.get("NotOnOrAfter")) + spid.skew <= now:
        raise LoginRefused(Reason.EXPIRED)
    auth = SpidAuth(request_data(spid.slo_url), toolkit_settings(spid, provider), now)
    return auth.answer_logout(root.get("ID", ""), message.relay_state)


def _sender(root: etree._Element, spid: SpidSettings, provider_of: ProviderOf) -> IdentityProvider:
    """Return the claimed sender; the signature check comes later."""
    if root.tag != tag("samlp:LogoutRequest"):
        raise LoginRefused(Reason.MALFORMED)
    if root.get("Destination") != spid.slo_url:
        raise LoginRefused(Reason.WRONG_DESTINATION)
    if isinstance(OneLogin_Saml2_XML.validate_xml(root, "saml-schema-protocol-2.0.xsd"), str):
        raise LoginRefused(Reason.MALFORMED)
    return provider_of(root.findtext("saml:Issuer", "", NS))
