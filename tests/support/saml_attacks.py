"""Forged, altered and hostile SAML responses, each with the expected reason of refusal."""

import copy
from collections.abc import Callable
from datetime import timedelta

from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from intercup.identity.saml_xml import DS, tag, write_instant
from tests.support.saml_answering import ATTRIBUTES, Answering, find
from tests.support.saml_wrappings import VICTIM, WRAPPINGS

HOUR = timedelta(hours=1)

type Attack = Callable[[Answering], bytes]


def after_signing(change: Callable[[etree._Element], etree._Element]) -> Attack:
    """Change the signed response."""
    return lambda idp: etree.tostring(change(idp.signed_answer()))


def before_signing(path: str, attribute: str, value: str | timedelta | None) -> Attack:
    """Let the provider itself sign a wrong attribute or, with "", a wrong text."""

    def attack(idp: Answering) -> bytes:
        root = idp.answer()
        element = find(root, path)
        text = write_instant(idp.now + value) if isinstance(value, timedelta) else value
        if text is None:
            del element.attrib[attribute]
        elif attribute:
            element.set(attribute, text)
        else:
            element.text = text
        return idp.signed(root)

    return attack


def replaced(before: bytes, after: bytes) -> Attack:
    """Replace bytes of the signed document."""

    def attack(idp: Answering) -> bytes:
        signed = idp.signed(idp.answer())
        assert before in signed
        return signed.replace(before, after)

    return attack


def prefixed(text: bytes) -> Attack:
    """Insert bytes before the signed document."""
    return lambda idp: text + idp.signed(idp.answer())


def without_signature(path: str) -> Attack:
    def change(root: etree._Element) -> etree._Element:
        element = find(root, path)
        element.remove(find(element, "ds:Signature"))
        return root

    return after_signing(change)


def the_same_id_twice(root: etree._Element) -> etree._Element:
    find(root, ".//saml:AttributeValue").set("Id", root.get("ID", ""))
    return root


def a_signature_where_nothing_checks_it(root: etree._Element) -> etree._Element:
    """A second signature of the assertion, inside a part of it that its own doesn't cover."""
    own = find(root, "ds:Signature")
    own.append(copy.deepcopy(own))
    return root


def an_object_in_the_signature(root: etree._Element) -> etree._Element:
    """An Object beside a valid signature, which the enveloped transform leaves out."""
    etree.SubElement(find(root, "ds:Signature"), tag("ds:Object")).text = "hidden"
    return root


def an_encrypted_assertion(root: etree._Element) -> etree._Element:
    encrypted = etree.SubElement(root, tag("saml:EncryptedAssertion"))
    etree.SubElement(encrypted, tag("xenc:EncryptedData"))
    return root


def the_assertion_of_another_login(idp: Answering) -> bytes:
    ours = idp.signed_answer()
    victims = idp.answer(ATTRIBUTES | {"fiscalNumber": f"TINIT-{VICTIM}"})
    other = etree.fromstring(idp.signed(victims))
    ours.replace(find(ours, "saml:Assertion"), find(other, "saml:Assertion"))
    return etree.tostring(ours)


def signed_with_sha1(idp: Answering) -> bytes:
    root, keys = idp.answer(), idp.keys
    assertion = find(root, "saml:Assertion")
    weak = OneLogin_Saml2_Utils.add_sign(
        etree.tostring(assertion), keys.key, keys.certificate, False, f"{DS}rsa-sha1", f"{DS}sha1"
    )
    root.replace(assertion, etree.fromstring(weak))
    document: bytes = OneLogin_Saml2_Utils.add_sign(
        etree.tostring(root), keys.key, keys.certificate
    )
    return document


ASSERTION = "saml:Assertion"
DATA = f"{ASSERTION}/saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData"
CONDITIONS = f"{ASSERTION}/saml:Conditions"
AUDIENCE = f"{CONDITIONS}/saml:AudienceRestriction/saml:Audience"
LEVEL = f"{ASSERTION}/saml:AuthnStatement/saml:AuthnContext/saml:AuthnContextClassRef"
ELSEWHERE = "https://evil.example.it/spid/acs"
LAUGHS = b'<!DOCTYPE r [<!ENTITY a "ha">' + b"".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">'.encode() for n in range(1, 10)
)

# docs/identity.md shows the same table.
ATTACKS: dict[str, tuple[str, Attack]] = {
    **{
        f"wrapping: {wrap.__name__}": ("signature_wrapping", after_signing(wrap))
        for wrap in WRAPPINGS
    },
    "a signature where nothing checks it": (
        "signature_wrapping",
        after_signing(a_signature_where_nothing_checks_it),
    ),
    "an object in the signature": ("signature_wrapping", after_signing(an_object_in_the_signature)),
    "wrapping: the same id twice": ("signature_wrapping", after_signing(the_same_id_twice)),
    "altered attribute": ("bad_signature", replaced(b"DMCNCL75M12G273U", VICTIM.encode())),
    "assertion of another login": ("bad_signature", the_assertion_of_another_login),
    "foreign key": ("bad_signature", lambda idp: idp.signed(idp.answer(), idp.foreign_keys)),
    "no signature": ("unsigned", lambda idp: etree.tostring(idp.answer())),
    "response without signature": ("unsigned", without_signature(".")),
    "assertion without signature": ("unsigned", without_signature(ASSERTION)),
    "signature with SHA-1": ("weak_signature", signed_with_sha1),
    "encrypted assertion": ("malformed", after_signing(an_encrypted_assertion)),
    "comment after a value": (
        "comment",
        replaced(b"DMCNCL75M12G273U", VICTIM.encode() + b"<!---->"),
    ),
    "comment inside a value": ("comment", replaced(b"DMCNCL75", b"DMC<!-- cut -->NCL75")),
    "comment before an addition": ("comment", replaced(b"G273U", b"G273U<!-- -->X")),
    "comment in the NameID": (
        "comment",
        replaced(b"</saml:NameID>", b"<!-- -->.evil</saml:NameID>"),
    ),
    "processing instruction": ("comment", replaced(b"DMCNCL75", b"DMC<?cut here?>NCL75")),
    "no InResponseTo": ("unsolicited", before_signing(".", "InResponseTo", None)),
    "another request's answer": ("wrong_request", before_signing(".", "InResponseTo", "_other")),
    "assertion without InResponseTo": ("wrong_request", before_signing(DATA, "InResponseTo", None)),
    "level 1": ("level_too_low", before_signing(LEVEL, "", "https://www.spid.gov.it/SpidL1")),
    "unknown level": ("level_too_low", before_signing(LEVEL, "", "urn:SpidL3")),
    "confirmation expired": ("expired", before_signing(DATA, "NotOnOrAfter", -HOUR)),
    "conditions expired": ("expired", before_signing(CONDITIONS, "NotOnOrAfter", -HOUR)),
    "not yet valid": ("not_yet_valid", before_signing(CONDITIONS, "NotBefore", HOUR)),
    "issued before the request": ("wrong_instant", before_signing(".", "IssueInstant", -HOUR)),
    "issued in the future": ("wrong_instant", before_signing(ASSERTION, "IssueInstant", HOUR)),
    "wrong audience": ("wrong_audience", before_signing(AUDIENCE, "", "https://other.example.it")),
    "wrong recipient": ("wrong_recipient", before_signing(DATA, "Recipient", ELSEWHERE)),
    "wrong destination": ("wrong_destination", before_signing(".", "Destination", ELSEWHERE)),
    "wrong issuer": ("wrong_issuer", before_signing("saml:Issuer", "", "https://other.example.it")),
    "wrong issuer of the assertion": (
        "wrong_issuer",
        before_signing(f"{ASSERTION}/saml:Issuer", "", "https://other.example.it"),
    ),
    "DTD": ("dtd", prefixed(b"<!DOCTYPE r>")),
    "DTD with a file": ("dtd", prefixed(b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>')),
    "DTD from elsewhere": ("dtd", prefixed(b'<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">')),
    "DTD in lower case": ("malformed", prefixed(b"<!doctype r>")),
    "DTD in UTF-16": (
        "malformed",
        lambda idp: f"<!DOCTYPE r>{idp.signed(idp.answer()).decode()}".encode("utf-16"),
    ),
    "entity bomb, nested": ("dtd", lambda idp: LAUGHS + b"]><r>&a9;</r>"),
    "entity bomb, long": (
        "dtd",
        lambda idp: b'<!DOCTYPE r [<!ENTITY a "' + b"a" * 40_000 + b'">]><r>' + b"&a;" * 10_000,
    ),
    "deep nesting": ("malformed", lambda idp: b"<a>" * 20_000 + b"</a>" * 7_000),
    "deep nesting in an answer": (
        "malformed",
        replaced(b"D'Amico", b"<a>" * 5_000 + b"</a>" * 5_000),
    ),
    "many attributes": (
        "malformed",
        lambda idp: b"<a " + b" ".join(b'a%d=""' % n for n in range(9_000)) + b"/>",
    ),
    "nothing": ("malformed", lambda idp: b""),
    "no XML": ("malformed", lambda idp: b"garbage"),
    "other XML": ("malformed", lambda idp: b"<a/>"),
    "cut short": ("malformed", lambda idp: idp.signed(idp.answer())[:-20]),
    "null bytes": ("malformed", lambda idp: b"\x00" * 100),
    "no UTF-8": ("malformed", replaced(b"Niccol", b"\xff\xfe")),
    "a LogoutRequest": (
        "malformed",
        lambda idp: b'<LogoutRequest xmlns="urn:oasis:names:tc:SAML:2.0:protocol"/>',
    ),
}
