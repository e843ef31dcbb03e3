"""Differences between the two national schemes, SPID and CIE."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scheme:
    """A national identity scheme; `name` is also the first part of its paths."""

    name: str
    attributes: tuple[str, ...]
    contact_type: str
    extensions: str  # namespace of the contact's extensions


SPID = Scheme(
    name="spid",
    attributes=("name", "familyName", "fiscalNumber", "email"),
    contact_type="other",
    extensions="https://spid.gov.it/saml-extensions",
)
# CIE releases the minimum set of eIDAS as a whole, and never an e-mail address.
CIE = Scheme(
    name="cie",
    attributes=("name", "familyName", "dateOfBirth", "fiscalNumber"),
    contact_type="administrative",
    extensions="https://www.cartaidentita.interno.gov.it/saml-extensions",
)
SCHEMES = (SPID, CIE)
