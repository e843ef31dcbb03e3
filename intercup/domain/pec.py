"""The receipts of certified mail (PEC) about a sent mail.

Source: DM 2 novembre 2005, Regole tecniche della posta elettronica certificata, 6.3 to 6.5.
"""

from collections.abc import Collection
from enum import StrEnum


class ReceiptKind(StrEnum):
    """The kind of a receipt, as `X-Ricevuta` and daticert.xml write it."""

    ACCEPTED = "accettazione"
    DELIVERED = "avvenuta-consegna"
    LATE = "preavviso-errore-consegna"  # not delivered within 12 hours
    NOT_ACCEPTED = "non-accettazione"
    NOT_DELIVERED = "errore-consegna"
    VIRUS = "rilevazione-virus"


FAILURES = frozenset({ReceiptKind.NOT_ACCEPTED, ReceiptKind.NOT_DELIVERED, ReceiptKind.VIRUS})


def outcome_of(kinds: Collection[str]) -> str | None:
    """Return what a mail's receipts say together: delivered, failed, accepted; None without any."""
    if ReceiptKind.DELIVERED in kinds:
        return "delivered"
    if FAILURES & set(kinds):
        return "failed"
    return "accepted" if kinds else None
