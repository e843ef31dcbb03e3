"""Signature wrappings: the provider's signature stays valid, but the victim's data are read.

They keep their namespaces: without them an attack would be refused for that alone.
"""

from copy import deepcopy

from lxml import etree

from intercup.identity.saml_xml import NS, tag
from tests.support.saml_answering import find

VICTIM = "CSMSVT67T30D423T"


def forged(element: etree._Element) -> etree._Element:
    """Copy a signed element as the victim's, with a new id and without its signatures."""
    copy = deepcopy(element)
    for signature in list(copy.iter(tag("ds:Signature"))):
        signature.getparent().remove(signature)
    copy.set("ID", "_forged")
    for value in copy.iterfind(".//saml:Attribute[@Name='fiscalNumber']/*", NS):
        value.text = f"TINIT-{VICTIM}"
    return copy


def original_response_inside_its_signature(root: etree._Element) -> etree._Element:
    evil, signature = _forged_response(root)
    signature.append(root)
    evil.insert(1, signature)
    return evil


def original_response_before_the_signature(root: etree._Element) -> etree._Element:
    evil, signature = _forged_response(root)
    evil.insert(1, root)
    evil.insert(2, signature)
    return evil


def _forged_response(root: etree._Element) -> tuple[etree._Element, etree._Element]:
    evil = forged(root)
    find(evil, "saml:Assertion").set("ID", "_forged_assertion")
    signature = deepcopy(find(root, "ds:Signature"))
    root.remove(find(root, "ds:Signature"))
    return evil, signature


def forged_assertion_before_the_original(root: etree._Element) -> etree._Element:
    original = find(root, "saml:Assertion")
    original.addprevious(forged(original))
    return root


def original_assertion_inside_the_forged_one(root: etree._Element) -> etree._Element:
    original = find(root, "saml:Assertion")
    evil = forged(original)
    root.replace(original, evil)
    evil.append(original)
    return root


def signature_moved_to_the_forged_assertion(root: etree._Element) -> etree._Element:
    original, _ = _forged_assertion_with_its_signature(root)
    root.append(original)
    return root


def original_assertion_inside_the_signature(root: etree._Element) -> etree._Element:
    original, signature = _forged_assertion_with_its_signature(root)
    signature.append(original)
    return root


def original_assertion_in_an_object(root: etree._Element) -> etree._Element:
    original, signature = _forged_assertion_with_its_signature(root)
    etree.SubElement(signature, tag("ds:Object")).append(original)
    return root


def _forged_assertion_with_its_signature(
    root: etree._Element,
) -> tuple[etree._Element, etree._Element]:
    original = find(root, "saml:Assertion")
    evil = forged(original)
    signature = find(original, "ds:Signature")
    original.remove(signature)
    evil.insert(1, signature)
    root.replace(original, evil)
    return original, signature


def forged_assertion_in_extensions(root: etree._Element) -> etree._Element:
    original = find(root, "saml:Assertion")
    evil = forged(original)
    evil.set("ID", original.get("ID", ""))
    extensions = etree.Element(tag("samlp:Extensions"))
    extensions.append(evil)
    find(root, "ds:Signature").addnext(extensions)
    return root


def only_assertion_moved_to_extensions(root: etree._Element) -> etree._Element:
    original = find(root, "saml:Assertion")
    extensions = etree.Element(tag("samlp:Extensions"))
    extensions.append(original)
    find(root, "ds:Signature").addnext(extensions)
    return root


def signature_of_an_assertion_that_is_gone(root: etree._Element) -> etree._Element:
    _forged_assertion_with_its_signature(root)
    return root


WRAPPINGS = (
    original_response_inside_its_signature,
    original_response_before_the_signature,
    forged_assertion_before_the_original,
    original_assertion_inside_the_forged_one,
    signature_moved_to_the_forged_assertion,
    original_assertion_inside_the_signature,
    original_assertion_in_an_object,
    forged_assertion_in_extensions,
    only_assertion_moved_to_extensions,
    signature_of_an_assertion_that_is_gone,
)
