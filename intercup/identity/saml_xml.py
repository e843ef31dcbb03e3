"""SAML messages as XML: bounded, in UTF-8, without DTDs and comments."""

import base64
import binascii
import re
import secrets
import zlib
from datetime import UTC, datetime

from lxml import etree

from intercup.identity.errors import LoginRefused, Reason

MD = "urn:oasis:names:tc:SAML:2.0:metadata"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
DS = "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
NS = {"md": MD, "saml": SAML, "samlp": SAMLP, "ds": DS, "xenc": XENC}

ENTITY = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"

MAX_MESSAGE = 128 * 1024  # bytes
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")


def safe_parser() -> etree.XMLParser:
    """Return a parser that expands no entity and fetches nothing."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def tag(name: str) -> str:
    """Turn `saml:Issuer` into lxml's `{namespace}Issuer`."""
    prefix, _, local = name.partition(":")
    return f"{{{NS[prefix]}}}{local}"


def decode(message: str) -> bytes:
    """Decode a base64 message, with or without line breaks.

    Raises:
        LoginRefused: too large or not base64.
    """
    if len(message) > MAX_MESSAGE:
        raise LoginRefused(Reason.TOO_LARGE)
    try:
        return base64.b64decode("".join(message.split()), validate=True)
    except (binascii.Error, ValueError):
        raise LoginRefused(Reason.MALFORMED) from None


def inflate(message: str) -> bytes:
    """Decode a message of the HTTP-Redirect binding, up to MAX_MESSAGE.

    Raises:
        LoginRefused: too large or not readable.
    """
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        data = inflater.decompress(decode(message), MAX_MESSAGE)
    except zlib.error:
        raise LoginRefused(Reason.MALFORMED) from None
    if not inflater.eof:
        raise LoginRefused(Reason.TOO_LARGE if inflater.unconsumed_tail else Reason.MALFORMED)
    return data


def parse(data: bytes) -> etree._Element:
    """Parse an untrusted message.

    Raises:
        LoginRefused: too large, not XML, or XML with a DTD, comments or instructions.
    """
    if len(data) > MAX_MESSAGE:
        raise LoginRefused(Reason.TOO_LARGE)
    try:
        # The search comes before the parser, so that no entity is ever expanded.
        if re.search(r"<!(DOCTYPE|ENTITY)", data.decode("utf-8")):
            raise LoginRefused(Reason.DTD)
        root = etree.fromstring(data, safe_parser())
    except (etree.XMLSyntaxError, ValueError):
        raise LoginRefused(Reason.MALFORMED) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise LoginRefused(Reason.DTD)
    if root.xpath("//comment() | //processing-instruction()"):
        raise LoginRefused(Reason.COMMENT)
    return root


def only_child(parent: etree._Element, name: str, reason: Reason) -> etree._Element:
    """Return the one child of that name.

    Raises:
        LoginRefused: with the reason, if there is none or more than one.
    """
    children = parent.findall(name, NS)
    if len(children) != 1:
        raise LoginRefused(reason)
    return children[0]


def text_of(element: etree._Element) -> str:
    """Return the element's stripped text; empty if it has children."""
    return "" if len(element) else (element.text or "").strip()


def instant(text: str | None) -> datetime:
    """Read a UTC instant as in `2026-11-24T02:20:00Z`, with or without decimals.

    Raises:
        LoginRefused: it is missing or has another format.
    """
    if text is None or not _INSTANT.fullmatch(text):
        raise LoginRefused(Reason.MALFORMED)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise LoginRefused(Reason.MALFORMED) from None


def write_instant(moment: datetime) -> str:
    """Format an instant to the second, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def new_message_id() -> str:
    """Make an unguessable id that is a valid xs:ID."""
    return f"_{secrets.token_hex(20)}"


def certificate_body(pem: str) -> str:
    """Return a certificate's base64 without its PEM lines."""
    return "".join(word for word in pem.split() if "-" not in word)
