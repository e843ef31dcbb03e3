"""The registry's signed file: its signer, its age, the names of its providers."""

from datetime import UTC, datetime

import pytest
from lxml import etree
from onelogin.saml2.metadata import OneLogin_Saml2_Metadata

from intercup.errors import ConfigurationError
from intercup.identity.demo_response import identity_provider_metadata
from intercup.identity.registry_file import read_signed_registry
from intercup.identity.saml_xml import MD, NS
from tests.support.acs_door import IDP
from tests.support.saml_answering import Keys

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def registry_of(keys: Keys, until: str = "2027-01-01T00:00:00Z") -> etree._Element:
    """Build a registry's file with one provider that has no display name."""
    root = etree.Element(f"{{{MD}}}EntitiesDescriptor", ID="_registro", validUntil=until)
    entity = etree.fromstring(identity_provider_metadata(IDP, f"{IDP}/sso", keys.certificate))
    for name in entity.findall("md:Organization/md:OrganizationDisplayName", NS):
        name.getparent().remove(name)  # type: ignore[union-attr]
    root.append(entity)
    return root


def signed(root: etree._Element, keys: Keys) -> bytes:
    algorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    digest = "http://www.w3.org/2001/04/xmlenc#sha256"
    return bytes(
        OneLogin_Saml2_Metadata.sign_metadata(
            etree.tostring(root), keys.key, keys.certificate, algorithm, digest
        )
    )


def test_a_provider_without_display_name_shows_its_organisation(
    idp_keys: Keys, foreign_keys: Keys
) -> None:
    document = signed(registry_of(idp_keys), foreign_keys)
    registry = read_signed_registry(document, foreign_keys.certificate, NOW)
    (provider,) = registry.providers
    assert (provider.entity_id, provider.name) == (IDP, "Fornitore di identità dimostrativo")


def test_what_the_registry_has_not_signed_is_refused(idp_keys: Keys, foreign_keys: Keys) -> None:
    keys, others = idp_keys, foreign_keys
    good = signed(registry_of(keys), others)
    expired = signed(registry_of(keys, "2026-01-01T00:00:00Z"), others)
    cases = {
        "unsigned": etree.tostring(registry_of(keys)),
        "bad_signature": signed(registry_of(keys), keys),
        "altered": good.replace(b"/sso", b"/ladro"),
        "scaduto": expired,
        "istante UTC: 2027-01-01T00:00:00": signed(
            registry_of(keys, "2027-01-01T00:00:00"), others
        ),
        "istante UTC: domani": signed(registry_of(keys, "domani"), others),
        "XML": b"<rotto",
    }
    for name, document in cases.items():
        with pytest.raises(ConfigurationError) as caught:
            read_signed_registry(document, others.certificate, NOW)
        told = caught.value.problems[0]
        assert (name if name != "altered" else "bad_signature") in told, (name, told)
