"""The two signatures of a response: position, coverage and signer."""

from collections.abc import Sequence

from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from intercup.identity.errors import LoginRefused, Reason
from intercup.identity.saml_xml import DS, NS, XENC, tag

EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
TRANSFORMS = {f"{DS}enveloped-signature", EXCLUSIVE}
SIGNATURE_METHODS = {
    f"http://www.w3.org/2001/04/xmldsig-more#rsa-sha{bits}" for bits in (256, 384, 512)
}
DIGEST_METHODS = {
    f"{XENC}sha256",
    f"{XENC}sha512",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
}
_ALGORITHMS = {
    "ds:CanonicalizationMethod": {EXCLUSIVE},
    "ds:SignatureMethod": SIGNATURE_METHODS,
    "ds:Transform": TRANSFORMS,
    "ds:DigestMethod": DIGEST_METHODS,
}


def check_signatures(root: etree._Element, certificates: Sequence[str]) -> etree._Element:
    """Return the assertion if the provider has signed both it and its response.

    Raises:
        LoginRefused: a signature is missing, foreign, weak, or covers something else.
    """
    assertion = _only_assertion(root)
    _check_places(root, (root, assertion))
    for owner in (root, assertion):
        _check_reference(owner)
    _verify(root, OneLogin_Saml2_Utils.RESPONSE_SIGNATURE_XPATH, certificates)
    _verify(root, OneLogin_Saml2_Utils.ASSERTION_SIGNATURE_XPATH, certificates)
    return assertion


def is_signed(root: etree._Element, certificates: Sequence[str]) -> bool:
    """Return True if a response without an assertion has one signature, the provider's."""
    try:
        _check_places(root, (root,))
        _check_reference(root)
        _verify(root, OneLogin_Saml2_Utils.RESPONSE_SIGNATURE_XPATH, certificates)
    except LoginRefused:
        return False
    return True


def check_logout_signature(root: etree._Element, certificates: Sequence[str]) -> None:
    """Check that a LogoutRequest has one signature, the provider's.

    Raises:
        LoginRefused: it is missing, foreign, weak, or covers something else.
    """
    _check_places(root, (root,))
    _check_reference(root)
    _verify(root, "/samlp:LogoutRequest/ds:Signature", certificates)


def check_registry_signature(root: etree._Element, certificate: str) -> None:
    """Check that the signer of a whole metadata document is the holder of this certificate.

    The entities inside may have signatures of their own, which don't count.

    Raises:
        LoginRefused: the signature is missing, foreign, weak, or covers something else.
    """
    ids = [value for element in root.iter() if (value := element.get("ID"))]
    if root.find("ds:Signature", NS) is None:
        raise LoginRefused(Reason.UNSIGNED)
    if len(ids) != len(set(ids)):
        raise LoginRefused(Reason.SIGNATURE_WRAPPING)
    _check_reference(root)
    _verify(root, "/*/ds:Signature", [certificate])


def _verify(root: etree._Element, xpath: str, certificates: Sequence[str]) -> None:
    multicerts = [OneLogin_Saml2_Utils.format_cert(body) for body in certificates]
    if not OneLogin_Saml2_Utils.validate_sign(root, xpath=xpath, multicerts=multicerts):
        raise LoginRefused(Reason.BAD_SIGNATURE)


def _only_assertion(root: etree._Element) -> etree._Element:
    assertions = list(root.iter(tag("saml:Assertion")))
    responses = list(root.iter(tag("samlp:Response")))
    if len(assertions) > 1 or len(responses) > 1:
        raise LoginRefused(Reason.SIGNATURE_WRAPPING)
    if not assertions or root.xpath("//xenc:*", namespaces=NS):
        raise LoginRefused(Reason.MALFORMED)
    if assertions[0].getparent() is not root:
        raise LoginRefused(Reason.SIGNATURE_WRAPPING)
    return assertions[0]


def _check_places(root: etree._Element, signed: Sequence[etree._Element]) -> None:
    """Require one signature in each signed element, none elsewhere, and unique ids."""
    owners = [signature.getparent() for signature in root.iter(tag("ds:Signature"))]
    ids = [
        value
        for element in root.iter()
        for name, value in element.attrib.items()
        if etree.QName(name).localname.lower() == "id"
    ]
    strangers = [owner for owner in owners if owner not in signed]
    if strangers or len(owners) > len(signed) or len(ids) != len(set(ids)):
        raise LoginRefused(Reason.SIGNATURE_WRAPPING)
    if any(element not in owners for element in signed):
        raise LoginRefused(Reason.UNSIGNED)


def _check_reference(owner: etree._Element) -> None:
    """Require that the owner's signature covers exactly the owner, with strong algorithms."""
    signature = owner.find("ds:Signature", NS)
    references = owner.findall("ds:Signature/ds:SignedInfo/ds:Reference", NS)
    if signature is None or not owner.get("ID"):
        raise LoginRefused(Reason.MALFORMED)
    covers = [reference.get("URI") for reference in references]
    # A forger could hide the original in an Object inside the signature.
    if covers != [f"#{owner.get('ID')}"] or signature.find(".//ds:Object", NS) is not None:
        raise LoginRefused(Reason.SIGNATURE_WRAPPING)
    for name, allowed in _ALGORITHMS.items():
        used = {element.get("Algorithm") for element in signature.iter(tag(name))}
        if not used <= allowed:
            raise LoginRefused(Reason.WEAK_SIGNATURE)
