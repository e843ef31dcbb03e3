"""Identity providers read from metadata."""

from pathlib import Path
from typing import Literal

import pytest

from intercup.errors import ConfigurationError
from intercup.identity.demo_idp import DemoIdentityProvider, new_keys
from intercup.identity.demo_response import identity_provider_metadata
from intercup.identity.providers import load_identity_providers, read_identity_providers
from intercup.identity.saml_xml import certificate_body
from intercup.services.login.schemes import Schemes
from intercup.settings import Settings
from tests.support.login_under_way import Keys

REGISTRY = """<?xml version="1.0"?>
<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"
    xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
  <md:EntityDescriptor entityID="https://a.example.it">
    <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
      <md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data>
        <ds:X509Certificate>
          FIRST
        </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
      <md:KeyDescriptor><ds:KeyInfo><ds:X509Data>
        <ds:X509Certificate>SECOND</ds:X509Certificate></ds:X509Data></ds:KeyInfo>
      </md:KeyDescriptor>
      <md:KeyDescriptor use="encryption"><ds:KeyInfo><ds:X509Data>
        <ds:X509Certificate>FOR-ENCRYPTION</ds:X509Certificate></ds:X509Data></ds:KeyInfo>
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


SECOND_PROVIDER = """
  <md:EntityDescriptor entityID="https://b.example.it">
    <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
      <md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data>
        <ds:X509Certificate>SECOND</ds:X509Certificate></ds:X509Data></ds:KeyInfo>
      </md:KeyDescriptor>
      <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
          Location="https://b.example.it/slo"/>
      <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
          Location="https://b.example.it/sso"/>
    </md:IDPSSODescriptor>
  </md:EntityDescriptor>
</md:EntitiesDescriptor>"""


@pytest.fixture
def first(idp_keys: Keys) -> str:
    return certificate_body(idp_keys.certificate)


@pytest.fixture
def second(foreign_keys: Keys) -> str:
    return certificate_body(foreign_keys.certificate)


@pytest.fixture
def registry(first: str, second: str) -> str:
    """A registry's file, its first certificate with line breaks."""
    broken_up = "\n          ".join(first[i : i + 64] for i in range(0, len(first), 64))
    return REGISTRY.replace("FIRST", broken_up).replace("SECOND", second)


def metadata_of(name: str, keys: Keys) -> bytes:
    url = f"https://{name}.example.it"
    return identity_provider_metadata(url, f"{url}/sso", keys.certificate)


def test_a_registry_gives_its_identity_providers_only(
    registry: str, first: str, second: str
) -> None:
    (provider,) = load_identity_providers(registry.encode())

    assert provider.entity_id == "https://a.example.it"
    assert provider.name == "A in italiano"
    assert provider.sso_redirect_url == "https://a.example.it/redirect"
    assert provider.sso_post_url == "https://a.example.it/post"
    assert provider.slo_url == "https://a.example.it/slo"
    assert provider.slo_response_url == "https://a.example.it/slo-answer"
    assert provider.slo_post_url is None
    assert provider.certificates == (first, second)


def test_one_file_may_hold_many_providers(registry: str, second: str) -> None:
    both = registry.replace("</md:EntitiesDescriptor>", SECOND_PROVIDER.replace("SECOND", second))

    providers = load_identity_providers(both.encode())

    assert [p.entity_id for p in providers] == ["https://a.example.it", "https://b.example.it"]
    assert providers[1].name == "https://b.example.it"
    assert (providers[1].slo_url, providers[1].slo_post_url) == (None, "https://b.example.it/slo")


def test_a_folder_gives_the_providers_of_all_its_files(tmp_path: Path, idp_keys: Keys) -> None:
    for name in ("b", "c"):
        (tmp_path / f"{name}.xml").write_bytes(metadata_of(name, idp_keys))
    (tmp_path / "notes.txt").write_text("not metadata")

    providers = load_identity_providers(tmp_path)

    assert [provider.entity_id for provider in providers] == [
        "https://b.example.it",
        "https://c.example.it",
    ]


@pytest.mark.parametrize("profile", ["demo", "production"])
def test_the_demo_provider_is_left_out_in_production_whatever_its_file_is_called(
    tmp_path: Path, idp_keys: Keys, profile: Literal["demo", "production"]
) -> None:
    demo = DemoIdentityProvider(
        "https://idp.example.it",
        "https://sp.example.it/spid/metadata",
        new_keys("https://idp.example.it"),
    )
    (tmp_path / "poste.xml").write_bytes(demo.metadata)
    (tmp_path / "real.xml").write_bytes(metadata_of("real", idp_keys))
    schemes = Schemes(Settings(profile=profile, spid_providers_dir=tmp_path))

    names = [provider.entity_id for provider in schemes.providers()["spid"]]

    if profile == "demo":
        assert names == ["https://idp.example.it", "https://real.example.it"]
    else:
        assert names == ["https://real.example.it"]
        assert schemes.problems() == [
            "https://idp.example.it: è il fornitore di identità dimostrativo"
        ]


def test_an_empty_folder_gives_none(tmp_path: Path) -> None:
    assert load_identity_providers(tmp_path) == []


def test_what_is_unusable_is_named_and_the_others_go_on(
    tmp_path: Path, idp_keys: Keys, registry: str, first: str
) -> None:
    (tmp_path / "a.xml").write_bytes(metadata_of("good", idp_keys))
    (tmp_path / "again.xml").write_bytes(metadata_of("good", idp_keys))
    (tmp_path / "broken.xml").write_text("<md:EntityDescriptor\n")
    (tmp_path / "folder.xml").mkdir()
    (tmp_path / "foreign.xml").write_text("<html/>")
    (tmp_path / "keyless.xml").write_text(registry.replace("X509Certificate", "X509CRL"))
    (tmp_path / "misread.xml").write_text(registry.replace(first[:64], first[:60]))
    (tmp_path / "silent.xml").write_text(registry.replace("HTTP-Redirect", "SOAP"))

    read = read_identity_providers(tmp_path)

    assert [provider.entity_id for provider in read.providers] == ["https://good.example.it"]
    told = [problem.removeprefix(f"{tmp_path}/") for problem in read.problems]
    assert told[0] == f"again.xml: https://good.example.it: è già in {tmp_path}/a.xml"
    assert told[1].startswith("broken.xml: non è XML valido, riga ")
    assert told[2].startswith("folder.xml: il file non si legge")
    assert told[3] == "foreign.xml: non contiene gestori di identità (IDPSSODescriptor)"
    assert told[4] == "keyless.xml: https://a.example.it: manca il certificato di firma"
    assert told[5].endswith("https://a.example.it: un certificato di firma non è leggibile")
    assert told[6].endswith("https://a.example.it: manca l'indirizzo SSO per HTTP-Redirect")
    assert len(told) == 7


def test_where_all_must_be_usable_every_problem_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "broken.xml").write_text("<md:EntityDescriptor")

    with pytest.raises(ConfigurationError) as error:
        load_identity_providers(tmp_path)

    assert len(error.value.problems) == 1
