"""Problems of metadata that the registering authority would send back."""

from dataclasses import replace

import pytest

from intercup.identity.metadata import signed_metadata
from intercup.identity.metadata_check import metadata_problems
from intercup.identity.scheme import CIE, SPID, Scheme
from intercup.identity.service_provider import SpidSettings
from tests.support.saml_answering import Keys


@pytest.mark.parametrize("scheme", [SPID, CIE])
def test_our_metadata_is_right(scheme: Scheme, settings: SpidSettings) -> None:
    settings = replace(settings, scheme=scheme)

    assert metadata_problems(signed_metadata(settings), settings) == []


@pytest.mark.parametrize(
    ("change", "setting"),
    [
        ({"base_url": "http://intercup.example.it"}, "BASE_URL"),
        ({"base_url": "https://intercup.example.it:8443"}, "BASE_URL"),
        ({"entity_id": "https://localhost"}, "SPID_ENTITY_ID"),
        ({"entity_id": "https://intercup.example.it/?a=1"}, "SPID_ENTITY_ID"),
        ({"entity_id": "intercup"}, "SPID_ENTITY_ID"),
        ({"organization_url": "www.regione.sicilia.it"}, "SPID_ORGANIZATION_URL"),
        ({"organization_name": " "}, "SPID_ORGANIZATION_NAME"),
        ({"ipa_code": ""}, "SPID_IPA_CODE"),
        ({"contact_email": "nobody"}, "SPID_CONTACT_EMAIL"),
        ({"contact_phone": "+39 091 7071111"}, "SPID_CONTACT_PHONE"),
        ({"contact_phone": "0917071111"}, "SPID_CONTACT_PHONE"),
        ({"fiscal_code": "8001"}, "SPID_FISCAL_CODE"),
        ({"scheme": CIE, "municipality": "Palermo"}, "CIE_MUNICIPALITY"),
        ({"scheme": CIE, "entity_id": "http://x.it"}, "CIE_ENTITY_ID"),
    ],
)
def test_a_wrong_setting_is_named(
    change: dict[str, object], setting: str, settings: SpidSettings
) -> None:
    settings = replace(settings, **change)  # type: ignore[arg-type]

    (problem,) = metadata_problems(signed_metadata(settings), settings)

    assert problem.startswith(f"INTERCUP_{setting}: ")


def test_a_document_that_is_not_ours_is_told(settings: SpidSettings, foreign_keys: Keys) -> None:
    document = signed_metadata(settings)
    ours = replace(settings, certificate_pem=foreign_keys.certificate)

    assert metadata_problems(document, ours) == [
        "la firma non è quella del certificato",
        "il certificato pubblicato non è quello configurato",
    ]
    assert metadata_problems(document.replace(b"/spid/acs", b"/spid/acx"), settings) == [
        "la firma non è quella del certificato"
    ]
    wrong = document.replace(b"md:Organization>", b"md:Organisation>")
    assert "schema" in metadata_problems(wrong, settings)[0]
