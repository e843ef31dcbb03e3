"""A login that the identity provider is about to answer."""

import base64
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from intercup.identity.citizen import Citizen
from intercup.identity.demo_request import Question
from intercup.identity.demo_response import sign, success
from intercup.identity.service_provider import (
    LoginStart,
    PendingLogin,
    ServiceProvider,
    SpidSettings,
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
