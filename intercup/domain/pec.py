"""The receipts of certified mail (PEC) about a sent mail.

Source: DM 2 novembre 2005, Regole tecniche della posta elettronica certificata, 6.3 to 6.5.
"""

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

# What a mail's receipts say together: the first of these that one of them says.
OUTCOMES = ("delivered", "failed", "accepted")
