"""The registration data of a service provider, for tests."""

from typing import Any

from intercup.identity.service_provider import SpidSettings


def spid_settings(base_url: str, keys: tuple[str, str], **more: Any) -> SpidSettings:
    """Return settings with a private key and a certificate, both as PEM."""
    given: dict[str, Any] = {
        "entity_id": base_url,
        "organization_name": "Regione Siciliana",
        "organization_display_name": "Regione Siciliana",
        "organization_url": "https://www.regione.sicilia.it",
        "contact_email": "intercup@regione.sicilia.it",
        "contact_phone": "+390917071111",
        "ipa_code": "r_sicili",
        "service_name": "InterCup",
    }
    key, certificate = keys
    return SpidSettings(
        base_url=base_url, private_key_pem=key, certificate_pem=certificate, **given | more
    )
