"""The demo identity provider's reading of a service provider's AuthnRequest."""

from dataclasses import dataclass
from urllib.parse import unquote_plus

from onelogin.saml2.utils import OneLogin_Saml2_Utils

from intercup.identity.errors import LoginRefused, Reason
from intercup.identity.saml_xml import NS, RSA_SHA256, decode, inflate, parse


@dataclass(frozen=True)
class Question:
    """A service provider's request with a valid signature."""

    request_id: str
    relay_state: str
    acs_url: str
    audience: str


def read_question(raw_query: str, sp_metadata: bytes, sso_url: str) -> Question:
    """Read a signed AuthnRequest of the HTTP-Redirect binding, from the query as it was sent.

    Raises:
        LoginRefused: it isn't from this service provider, or not for us.
    """
    sp = parse(sp_metadata)
    certificate = sp.findtext(".//md:KeyDescriptor[@use='signing']//ds:X509Certificate", "", NS)
    values = _signed_values(raw_query, certificate)
    request = parse(inflate(values["SAMLRequest"]))
    if request.get("Destination") != sso_url:
        raise LoginRefused(Reason.WRONG_DESTINATION)
    audience = sp.get("entityID", "")
    if request.findtext("saml:Issuer", "", NS) != audience:
        raise LoginRefused(Reason.WRONG_ISSUER)
    index = request.get("AssertionConsumerServiceIndex")
    for acs in sp.iterfind(".//md:AssertionConsumerService", NS):
        if acs.get("index") == index:
            acs_url = acs.get("Location", "")
            return Question(request.get("ID", ""), values["RelayState"], acs_url, audience)
    raise LoginRefused(Reason.WRONG_RECIPIENT)


def _signed_values(raw_query: str, certificate: str) -> dict[str, str]:
    """Return the query's values if the certificate verifies their signature."""
    fields = dict(part.partition("=")[::2] for part in raw_query.split("&"))
    names = ("SAMLRequest", "RelayState", "SigAlg")
    if not {*names, "Signature"} <= fields.keys():
        raise LoginRefused(Reason.UNSIGNED)
    values = {name: unquote_plus(value) for name, value in fields.items()}
    valid = values["SigAlg"] == RSA_SHA256 and OneLogin_Saml2_Utils.validate_binary_sign(
        "&".join(f"{name}={fields[name]}" for name in names),
        decode(values["Signature"]),
        OneLogin_Saml2_Utils.format_cert(certificate),
        RSA_SHA256,
    )
    if not valid:
        raise LoginRefused(Reason.BAD_SIGNATURE)
    return values
