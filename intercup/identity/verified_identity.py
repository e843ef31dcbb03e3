"""Who logged in."""

from dataclasses import dataclass


@dataclass(frozen=True)
class VerifiedIdentity:
    """What the identity provider attests; the fiscal number is upper case, without `TINIT-`."""

    name: str
    surname: str
    fiscal_number: str
    email: str | None
