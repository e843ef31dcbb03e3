"""A login that is under way, with real keys on both sides."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from intercup.identity.certificate import create_key_and_certificate
from intercup.identity.citizen import Citizen
from intercup.identity.demo_request import Question
from intercup.identity.demo_response import identity_provider_metadata, sign, success
from intercup.identity.service_provider import (
    LoginStart,
    PendingLogin,
    ServiceProvider,
    SpidSettings,
    load_identity_providers,
)

IDP = "https://idp.example.it"
ATTRIBUTES = {
    "name": "Niccolò",
    "familyName": "D'Amico",
    "fiscalNumber": "TINIT-DMCNCL75M12G273U",
    "email": "niccolo.damico@example.it",
}


@dataclass(frozen=True)
class Keys:
    """A private key and its certificate, as PEM."""

    key: str
    certificate: str


@dataclass(frozen=True)
class UnderWay:
    """A login that the identity provider is about to answer."""

    settings: SpidSettings
    service: ServiceProvider
    start: LoginStart
    idp_keys: Keys
    now: datetime

    @property
    def question(self) -> Question:
        start, settings = self.start, self.settings
        return Question(start.request_id, start.relay_state, settings.acs_url, settings.entity_id)

    @property
    def pending(self) -> PendingLogin:
        start = self.start
        return PendingLogin(start.request_id, start.issue_instant, IDP, start.relay_state)

    def answer(self, attributes: dict[str, str] = ATTRIBUTES) -> etree._Element:
        return success(self.question, IDP, attributes, self.now)

    def signed(self, response: etree._Element, keys: Keys | None = None) -> bytes:
        keys = keys or self.idp_keys
        return sign(response, keys.key, keys.certificate)

    def complete(self, document: bytes) -> Citizen:
        message = base64.b64encode(document).decode()
        return self.service.complete(message, self.start.relay_state, self.pending, self.now)


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
    return SpidSettings(
        base_url="https://intercup.example.it",
        entity_id="https://intercup.example.it/entity",
        private_key_pem=sp_keys.key,
        certificate_pem=sp_keys.certificate,
        organization_name="Regione Siciliana",
        organization_display_name="Regione Siciliana",
        organization_url="https://www.regione.sicilia.it",
        contact_email="intercup@regione.sicilia.it",
        contact_phone="+390917071111",
        ipa_code="r_sicili",
    )


@pytest.fixture
def under_way(settings: SpidSettings, idp_keys: Keys) -> UnderWay:
    metadata = identity_provider_metadata(IDP, f"{IDP}/sso", idp_keys.certificate)
    service = ServiceProvider(settings, load_identity_providers(metadata))
    now = datetime.now(UTC)
    start = service.begin(IDP, now - timedelta(seconds=2))
    return UnderWay(settings, service, start, idp_keys, now)
