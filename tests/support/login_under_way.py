"""A login that the identity provider is about to answer."""

import base64
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from intercup.identity.demo_request import Question
from intercup.identity.service_provider import (
    LoginStart,
    PendingLogin,
    ServiceProvider,
    SpidSettings,
)
from intercup.identity.verified_identity import VerifiedIdentity
from tests.support.saml_answering import ATTRIBUTES, Answering, Keys

__all__ = ["ATTRIBUTES", "IDP", "Keys", "UnderWay"]

IDP = "https://idp.example.it"


@dataclass(frozen=True)
class UnderWay:
    """A login that the identity provider is about to answer."""

    settings: SpidSettings
    service: ServiceProvider
    start: LoginStart
    idp_keys: Keys
    foreign_keys: Keys
    now: datetime

    @property
    def question(self) -> Question:
        start, settings = self.start, self.settings
        return Question(start.request_id, start.relay_state, settings.acs_url, settings.entity_id)

    @property
    def pending(self) -> PendingLogin:
        start = self.start
        return PendingLogin(start.request_id, start.issue_instant, IDP, start.relay_state)

    @property
    def idp(self) -> Answering:
        return Answering(self.question, IDP, self.idp_keys, self.foreign_keys, self.now)

    def answer(self, attributes: dict[str, str] = ATTRIBUTES) -> etree._Element:
        return self.idp.answer(attributes)

    def signed(self, response: etree._Element, keys: Keys | None = None) -> bytes:
        return self.idp.signed(response, keys)

    def complete(self, document: bytes) -> VerifiedIdentity:
        message = base64.b64encode(document).decode()
        return self.service.complete(message, self.start.relay_state, self.pending, self.now)
