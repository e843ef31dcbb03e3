"""The identity attested at a login."""

from dataclasses import dataclass


@dataclass(frozen=True)
class VerifiedIdentity:
    """Attested attributes; the fiscal number is upper case, without `TINIT-`."""

    name: str
    surname: str
    fiscal_number: str
    email: str | None
