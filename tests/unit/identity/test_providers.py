"""Identity providers read from metadata."""

from pathlib import Path

import pytest

from intercup.errors import ConfigurationError
from intercup.identity.demo_response import identity_provider_metadata
from intercup.identity.providers import load_identity_providers

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n"
REGISTRY = """<?xml version="1.0"?>
<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"
    xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
  <md:EntityDescriptor entityID="https://a.example.it">
    <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
      <md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data>
        <ds:X509Certificate>
          QUJD
          REVG
        </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
      <md:KeyDescriptor><ds:KeyInfo><ds:X509Data>
        <ds:X509Certificate>R0hJ</ds:X509Certificate></ds:X509Data></ds:KeyInfo>
      </md:KeyDescriptor>
      <md:KeyDescriptor use="encryption"><ds:KeyInfo><ds:X509Data>
        <ds:X509Certificate>Tk9P</ds:X509Certificate></ds:X509Data></ds:KeyInfo>
      </md:KeyDescriptor>
      <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
          Location="https://a.example.it/slo" ResponseLocation="https://a.example.it/slo-answer"/>
      <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
          Location="https://a.example.it/post"/>
      <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
          Location="https://a.example.it/redirect"/>
    </md:IDPSSODescriptor>
    <md:Organization>
      <md:OrganizationName xml:lang="it">A</md:OrganizationName>
      <md:OrganizationDisplayName xml:lang="en">A in English</md:OrganizationDisplayName>
      <md:OrganizationDisplayName xml:lang="it">A in italiano</md:OrganizationDisplayName>
      <md:OrganizationURL xml:lang="it">https://a.example.it</md:OrganizationURL>
    </md:Organization>
  </md:EntityDescriptor>
  <md:EntityDescriptor entityID="https://sp.example.it">
    <md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/>
  </md:EntityDescriptor>
</md:EntitiesDescriptor>"""


def test_a_registry_gives_its_identity_providers_only() -> None:
    (provider,) = load_identity_providers(REGISTRY.encode())

    assert provider.entity_id == "https://a.example.it"
    assert provider.name == "A in italiano"
    assert provider.sso_redirect_url == "https://a.example.it/redirect"
    assert provider.sso_post_url == "https://a.example.it/post"
    assert provider.slo_url == "https://a.example.it/slo"
    assert provider.slo_response_url == "https://a.example.it/slo-answer"
    assert provider.certificates == ("QUJDREVG", "R0hJ")


def test_a_folder_gives_the_providers_of_all_its_files(tmp_path: Path) -> None:
    for name in ("b", "c"):
        url = f"https://{name}.example.it"
        document = identity_provider_metadata(url, f"{url}/sso", CERTIFICATE)
        (tmp_path / f"{name}.xml").write_bytes(document)
    (tmp_path / "notes.txt").write_text("not metadata")

    providers = load_identity_providers(tmp_path)

    assert [provider.entity_id for provider in providers] == [
        "https://b.example.it",
        "https://c.example.it",
    ]


def test_an_empty_folder_gives_none(tmp_path: Path) -> None:
    assert load_identity_providers(tmp_path) == []


def test_every_unusable_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.xml").write_text("<md:EntityDescriptor")
    (tmp_path / "keyless.xml").write_text(REGISTRY.replace("X509Certificate", "X509CRL"))

    with pytest.raises(ConfigurationError) as error:
        load_identity_providers(tmp_path)

    assert len(error.value.problems) == 2
    assert "broken.xml" in error.value.problems[0]
    assert "https://a.example.it" in error.value.problems[1]
