"""Forged, altered and hostile responses."""

import base64
import logging
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

import pytest
from login_under_way import ATTRIBUTES, IDP, Keys, UnderWay
from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from intercup.identity.errors import LoginRefused
from intercup.identity.saml_xml import MAX_MESSAGE, NS, tag

# python3-saml 1.16 reads the clock in a way that Python 3.12 deprecated.
pytestmark = pytest.mark.filterwarnings(
    "ignore:datetime.datetime.utc:DeprecationWarning:onelogin.saml2.utils"
)

VICTIM = "CSMSVT67T30D423T"


def key_of(under_way: UnderWay, document: bytes) -> str:
    with pytest.raises(LoginRefused) as refusal:
        under_way.complete(document)
    return refusal.value.key


def forged(element: etree._Element) -> etree._Element:
    """Copy a signed element as the victim's, with a new id and without its signatures."""
    copy = deepcopy(element)
    for signature in list(copy.iter(tag("ds:Signature"))):
        signature.getparent().remove(signature)
    copy.set("ID", "_forged")
    for value in copy.iterfind(".//saml:Attribute[@Name='fiscalNumber']/*", NS):
        value.text = f"TINIT-{VICTIM}"
    return copy


def assertion_of(root: etree._Element) -> etree._Element:
    assertion = root.find("saml:Assertion", NS)
    assert assertion is not None
    return assertion


def signature_of(element: etree._Element) -> etree._Element:
    signature = element.find("ds:Signature", NS)
    assert signature is not None
    return signature


def original_response_inside_its_signature(root: etree._Element) -> etree._Element:
    evil = forged(root)
    assertion_of(evil).set("ID", "_forged_assertion")
    signature = deepcopy(signature_of(root))
    root.remove(signature_of(root))
    signature.append(root)
    evil.insert(1, signature)
    return evil


def original_response_before_the_signature(root: etree._Element) -> etree._Element:
    evil = forged(root)
    assertion_of(evil).set("ID", "_forged_assertion")
    signature = deepcopy(signature_of(root))
    root.remove(signature_of(root))
    evil.insert(1, root)
    evil.insert(2, signature)
    return evil


def forged_assertion_before_the_original(root: etree._Element) -> etree._Element:
    original = assertion_of(root)
    original.addprevious(forged(original))
    return root


def original_assertion_inside_the_forged_one(root: etree._Element) -> etree._Element:
    original = assertion_of(root)
    evil = forged(original)
    root.replace(original, evil)
    evil.append(original)
    return root


def signature_moved_to_the_forged_assertion(root: etree._Element) -> etree._Element:
    original = assertion_of(root)
    evil = forged(original)
    signature = signature_of(original)
    original.remove(signature)
    evil.insert(1, signature)
    root.replace(original, evil)
    root.append(original)
    return root


def original_assertion_inside_the_signature(root: etree._Element) -> etree._Element:
    original = assertion_of(root)
    evil = forged(original)
    signature = signature_of(original)
    original.remove(signature)
    evil.insert(1, signature)
    root.replace(original, evil)
    signature.append(original)
    return root


def forged_assertion_in_extensions(root: etree._Element) -> etree._Element:
    original = assertion_of(root)
    evil = forged(original)
    evil.set("ID", original.get("ID", ""))
    extensions = etree.Element(tag("samlp:Extensions"))
    extensions.append(evil)
    signature_of(root).addnext(extensions)
    return root


def original_assertion_in_an_object(root: etree._Element) -> etree._Element:
    original = assertion_of(root)
    evil = forged(original)
    signature = signature_of(original)
    original.remove(signature)
    evil.insert(1, signature)
    root.replace(original, evil)
    etree.SubElement(signature, tag("ds:Object")).append(original)
    return root


WRAPPINGS = [
    original_response_inside_its_signature,
    original_response_before_the_signature,
    forged_assertion_before_the_original,
    original_assertion_inside_the_forged_one,
    signature_moved_to_the_forged_assertion,
    original_assertion_inside_the_signature,
    forged_assertion_in_extensions,
    original_assertion_in_an_object,
]


@pytest.mark.parametrize("wrap", WRAPPINGS, ids=lambda wrap: wrap.__name__)
def test_a_wrapped_signature_is_refused_as_such(
    wrap: Callable[[etree._Element], etree._Element], under_way: UnderWay
) -> None:
    signed = etree.fromstring(under_way.signed(under_way.answer()))
    attack = etree.tostring(wrap(signed))

    assert VICTIM.encode() in attack
    assert b"ns0:" not in attack
    assert key_of(under_way, attack) == "signature_wrapping"


def test_the_same_id_twice_is_refused(under_way: UnderWay) -> None:
    signed = etree.fromstring(under_way.signed(under_way.answer()))
    value = signed.find(".//saml:AttributeValue", NS)
    assert value is not None
    value.set("Id", signed.get("ID", ""))

    assert key_of(under_way, etree.tostring(signed)) == "signature_wrapping"


def test_an_altered_attribute_is_refused(under_way: UnderWay) -> None:
    signed = under_way.signed(under_way.answer())
    altered = signed.replace(b"DMCNCL75M12G273U", VICTIM.encode())

    assert altered != signed
    assert key_of(under_way, altered) == "bad_signature"


def test_an_unsigned_response_is_refused(under_way: UnderWay) -> None:
    assert key_of(under_way, etree.tostring(under_way.answer())) == "unsigned"


@pytest.mark.parametrize("path", [".", "saml:Assertion"])
def test_both_signatures_are_needed(path: str, under_way: UnderWay) -> None:
    signed = etree.fromstring(under_way.signed(under_way.answer()))
    element = signed.find(path, NS)
    assert element is not None
    element.remove(signature_of(element))

    assert key_of(under_way, etree.tostring(signed)) == "unsigned"


def test_a_foreign_key_is_refused_even_with_its_certificate_inside(
    under_way: UnderWay, foreign_keys: Keys
) -> None:
    signed = under_way.signed(under_way.answer(), foreign_keys)

    assert b"X509Certificate" in signed
    assert key_of(under_way, signed) == "bad_signature"


def test_an_assertion_of_another_login_does_not_fit(under_way: UnderWay) -> None:
    ours = etree.fromstring(under_way.signed(under_way.answer()))
    other_answer = under_way.answer(ATTRIBUTES | {"fiscalNumber": f"TINIT-{VICTIM}"})
    other = etree.fromstring(under_way.signed(other_answer))
    ours.replace(assertion_of(ours), assertion_of(other))

    assert key_of(under_way, etree.tostring(ours)) == "bad_signature"


def test_a_signature_with_sha1_is_refused(under_way: UnderWay, idp_keys: Keys) -> None:
    response = etree.tostring(under_way.answer())
    assertion = etree.tostring(assertion_of(etree.fromstring(response)))
    sha1 = "http://www.w3.org/2000/09/xmldsig#"
    signed = OneLogin_Saml2_Utils.add_sign(
        assertion, idp_keys.key, idp_keys.certificate, False, f"{sha1}rsa-sha1", f"{sha1}sha1"
    )
    root = etree.fromstring(response)
    root.replace(assertion_of(root), etree.fromstring(signed))
    document = OneLogin_Saml2_Utils.add_sign(
        etree.tostring(root), idp_keys.key, idp_keys.certificate
    )

    assert key_of(under_way, document) == "weak_signature"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"DMCNCL75M12G273U", b"DMCNCL75M12G273U<!-- -->X"),
        (b"TINIT-DMCNCL75M12G273U", b"TINIT-CSMSVT67T30D423T<!---->"),
        (b"DMCNCL75", b"DMC<!-- cut -->NCL75"),
        (b"DMCNCL75", b"DMC<?cut here?>NCL75"),
        (b"</saml:NameID>", b"<!-- -->.evil</saml:NameID>"),
    ],
)
def test_a_comment_inside_a_signed_value_is_refused(
    before: bytes, after: bytes, under_way: UnderWay
) -> None:
    signed = under_way.signed(under_way.answer())
    assert before in signed

    assert key_of(under_way, signed.replace(before, after)) == "comment"


@pytest.mark.parametrize(
    "doctype",
    [
        b"<!DOCTYPE r>",
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">',
        b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
    ],
)
def test_a_document_type_is_refused(doctype: bytes, under_way: UnderWay) -> None:
    assert key_of(under_way, doctype + under_way.signed(under_way.answer())) == "dtd"


def test_a_document_type_in_another_encoding_is_refused(under_way: UnderWay) -> None:
    text = f"<!DOCTYPE r>{under_way.signed(under_way.answer()).decode()}"

    assert key_of(under_way, text.encode("utf-16")) == "malformed"


@pytest.mark.parametrize(
    "garbage",
    [b"", b"garbage", b"<a/>", b"<samlp:Response>", b"\x00\xff", b"<a>" * 1000],
)
def test_garbage_is_refused(garbage: bytes, under_way: UnderWay) -> None:
    assert key_of(under_way, garbage) == "malformed"


@pytest.mark.parametrize(
    ("message", "key"),
    [("%%%", "malformed"), ("é", "malformed"), ("A" * MAX_MESSAGE + "A", "too_large")],
)
def test_what_is_not_base64_or_too_much_is_refused(
    message: str, key: str, under_way: UnderWay
) -> None:
    with pytest.raises(LoginRefused) as refusal:
        under_way.service.complete(
            message, under_way.start.relay_state, under_way.pending, under_way.now
        )

    assert refusal.value.key == key


def test_base64_may_have_line_breaks(under_way: UnderWay) -> None:
    message = base64.encodebytes(under_way.signed(under_way.answer())).decode()

    citizen = under_way.service.complete(
        message, under_way.start.relay_state, under_way.pending, under_way.now
    )

    assert citizen.surname == "D'Amico"


def test_an_encrypted_assertion_is_refused(under_way: UnderWay) -> None:
    root = etree.fromstring(under_way.signed(under_way.answer()))
    encrypted = etree.SubElement(root, tag("saml:EncryptedAssertion"))
    etree.SubElement(encrypted, tag("xenc:EncryptedData"))

    assert key_of(under_way, etree.tostring(root)) == "malformed"


def test_a_response_to_an_earlier_login_of_ours_is_refused(under_way: UnderWay) -> None:
    old = under_way.signed(under_way.answer())
    start = under_way.service.begin(IDP, under_way.now)
    later = replace(under_way, start=start)

    assert key_of(later, old) == "wrong_request"


def test_a_response_after_its_time_is_refused(under_way: UnderWay) -> None:
    past = replace(under_way, now=under_way.now - timedelta(minutes=10))
    start = under_way.service.begin(IDP, past.now)
    past = replace(past, start=start)
    document = past.signed(past.answer())

    assert key_of(replace(past, now=under_way.now), document) == "expired"


def test_another_relay_state_is_refused(under_way: UnderWay) -> None:
    message = base64.b64encode(under_way.signed(under_way.answer())).decode()

    with pytest.raises(LoginRefused) as refusal:
        under_way.service.complete(message, "città", under_way.pending, under_way.now)

    assert refusal.value.key == "wrong_relay_state"


def test_an_identity_provider_that_went_away_is_refused(under_way: UnderWay) -> None:
    pending = replace(under_way.pending, idp_entity_id="https://gone.example.it")

    with pytest.raises(LoginRefused) as refusal:
        under_way.service.complete("", under_way.start.relay_state, pending, under_way.now)

    assert refusal.value.key == "idp_unknown"


def test_a_refusal_tells_nothing_about_the_citizen(
    under_way: UnderWay, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    signed = under_way.signed(under_way.answer())
    documents = [
        signed.replace(b"Niccol", b"Nicol"),
        signed.replace(b"</saml:Assertion>", b""),
        etree.tostring(under_way.answer()),
    ]

    for document in documents:
        with pytest.raises(LoginRefused) as refusal:
            under_way.complete(document)
        assert str(refusal.value) == refusal.value.key
    for value in ATTRIBUTES.values():
        assert value.removeprefix("TINIT-") not in caplog.text
