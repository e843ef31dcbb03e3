"""Registration data of this service provider, and its conversion to python3-saml's settings."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

from onelogin.saml2.settings import OneLogin_Saml2_Settings

from intercup.identity.level import LEVEL_URI
from intercup.identity.providers import IdentityProvider
from intercup.identity.saml_xml import POST, REDIRECT, RSA_SHA256, TRANSIENT
from intercup.identity.scheme import SPID, Scheme

SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"


@dataclass(frozen=True)
class SpidSettings:
    """The registration data of a service provider; `clock_skew` is in seconds."""

    base_url: str
    entity_id: str
    private_key_pem: str
    certificate_pem: str
    organization_name: str
    organization_display_name: str
    organization_url: str
    contact_email: str
    contact_phone: str
    ipa_code: str
    service_name: str
    scheme: Scheme = SPID
    request_binding: Literal["redirect", "post"] = "redirect"
    fiscal_code: str = ""  # the organization's
    municipality: str = ""  # the organization's, as ISTAT code; CIE asks for it
    contact_public: bool = True
    clock_skew: float = 30.0

    @property
    def acs_url(self) -> str:
        return f"{self.base_url}/{self.scheme.name}/acs"

    @property
    def slo_url(self) -> str:
        return f"{self.base_url}/{self.scheme.name}/slo"

    @property
    def skew(self) -> timedelta:
        return timedelta(seconds=self.clock_skew)


def request_data(url: str) -> dict[str, Any]:
    """Describe a request to one of our own addresses, regardless of its Host header."""
    parts = urlsplit(url)
    return {
        "https": "on" if parts.scheme == "https" else "off",
        "http_host": parts.netloc,
        "script_name": parts.path,
        "get_data": {},
        "post_data": {},
    }


def toolkit_settings(spid: SpidSettings, provider: IdentityProvider) -> OneLogin_Saml2_Settings:
    """Build python3-saml's settings for an exchange with one identity provider."""
    idp: dict[str, Any] = {
        "entityId": provider.entity_id,
        "singleSignOnService": _sign_on(spid, provider),
        "x509certMulti": {"signing": list(provider.certificates)},
    }
    if provider.slo_url:
        idp["singleLogoutService"] = {
            "url": provider.slo_url,
            "responseUrl": provider.slo_response_url,
            "binding": REDIRECT,
        }
    elif provider.slo_post_url:
        idp["singleLogoutService"] = {"url": provider.slo_post_url, "binding": POST}
    return OneLogin_Saml2_Settings(
        {"strict": True, "sp": _service_provider(spid), "idp": idp, "security": _security(spid)}
    )


def _sign_on(spid: SpidSettings, provider: IdentityProvider) -> dict[str, str]:
    if spid.request_binding == "post" and provider.sso_post_url:
        return {"url": provider.sso_post_url, "binding": POST}
    return {"url": provider.sso_redirect_url, "binding": REDIRECT}


def _service_provider(spid: SpidSettings) -> dict[str, Any]:
    return {
        "entityId": spid.entity_id,
        "assertionConsumerService": {"url": spid.acs_url, "binding": POST},
        "singleLogoutService": {"url": spid.slo_url, "binding": REDIRECT},
        "NameIDFormat": TRANSIENT,
        "x509cert": spid.certificate_pem,
        "privateKey": spid.private_key_pem,
    }


def _security(spid: SpidSettings) -> dict[str, Any]:
    return {
        "authnRequestsSigned": True,
        "logoutResponseSigned": True,
        "wantMessagesSigned": True,
        "wantAssertionsSigned": True,
        "wantAttributeStatement": True,
        "signatureAlgorithm": RSA_SHA256,
        "digestAlgorithm": SHA256,
        "rejectDeprecatedAlgorithm": True,
        # A higher level than requested is accepted; the response check compares them.
        "failOnAuthnContextMismatch": False,
        "requestedAuthnContext": [LEVEL_URI],
        "requestedAuthnContextComparison": "minimum",
        "allowSingleLabelDomains": True,
    }
