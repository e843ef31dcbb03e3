"""The two mandatory consents, with the exact texts a citizen accepts. Source: brief §2.2."""

import hashlib
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class ConsentText:
    """A sentence to accept. The version changes whenever the sentence or its document does."""

    id: str
    version: str
    text: str
    href: str
    link_text: str

    @cached_property
    def sha256(self) -> str:
        """The hexadecimal SHA-256 of the sentence in UTF-8."""
        return sha256_of(self.text)


PRIVACY = ConsentText(
    id="privacy",
    version="2021-02-09",
    text="Autorizzo al trattamento dei dati per le finalità di prenotazione"
    " come da informativa privacy",
    href="/privacy",
    link_text="Leggi l'informativa privacy",
)
REGULATION = ConsentText(
    id="regulation",
    version="2021-02-09",
    text="Dichiaro di aver preso visione del Regolamento",
    href="/regolamento",
    link_text="Leggi il Regolamento del servizio",
)
CONSENTS = (PRIVACY, REGULATION)


def sha256_of(text: str) -> str:
    """Return the hexadecimal SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def current_version(id_: str) -> str:
    """Return the version of a consent that is shown now."""
    return next(consent.version for consent in CONSENTS if consent.id == id_)
