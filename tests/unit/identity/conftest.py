"""Real keys on both sides, made once."""

from datetime import UTC, datetime, timedelta

import pytest

from intercup.identity.certificate import create_key_and_certificate
from intercup.identity.demo_response import identity_provider_metadata
from intercup.identity.service_provider import (
    ServiceProvider,
    SpidSettings,
    load_identity_providers,
)
from tests.support.login_under_way import IDP, Keys, UnderWay
from tests.support.spid_settings import spid_settings


def _keys(name: str) -> Keys:
    return Keys(*create_key_and_certificate(name, name, f"https://{name}", "demo", "Palermo", 30))


@pytest.fixture(scope="session")
def sp_keys() -> Keys:
    return _keys("sp")


@pytest.fixture(scope="session")
def idp_keys() -> Keys:
    return _keys("idp")


@pytest.fixture(scope="session")
def foreign_keys() -> Keys:
    return _keys("foreign")


@pytest.fixture
def settings(sp_keys: Keys) -> SpidSettings:
    return spid_settings(
        "https://intercup.example.it",
        (sp_keys.key, sp_keys.certificate),
        entity_id="https://intercup.example.it/entity",
        fiscal_code="80012000826",
        municipality="082053",
    )


@pytest.fixture
def under_way(settings: SpidSettings, idp_keys: Keys, foreign_keys: Keys) -> UnderWay:
    metadata = identity_provider_metadata(IDP, f"{IDP}/sso", idp_keys.certificate)
    service = ServiceProvider(settings, load_identity_providers(metadata))
    now = datetime.now(UTC)
    start = service.begin(IDP, now - timedelta(seconds=2))
    return UnderWay(settings, service, start, idp_keys, foreign_keys, now)
