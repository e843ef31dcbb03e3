"""An identity provider that is about to answer a login, with real keys."""

from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from intercup.identity.demo_request import Question
from intercup.identity.demo_response import sign, success
from intercup.identity.saml_xml import NS

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
class Answering:
    """An identity provider that is about to answer, and an attacker with foreign keys."""

    question: Question
    entity_id: str
    keys: Keys
    foreign_keys: Keys
    now: datetime

    def answer(self, attributes: dict[str, str] = ATTRIBUTES) -> etree._Element:
        return success(self.question, self.entity_id, attributes, self.now)

    def signed(self, response: etree._Element, keys: Keys | None = None) -> bytes:
        keys = keys or self.keys
        return sign(response, keys.key, keys.certificate)

    def signed_answer(self) -> etree._Element:
        return etree.fromstring(self.signed(self.answer()))


def find(root: etree._Element, path: str) -> etree._Element:
    element = root if path == "." else root.find(path, NS)
    assert element is not None, path
    return element
