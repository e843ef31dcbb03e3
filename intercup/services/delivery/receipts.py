"""Receipts of certified mail, kept as facts of the deliveries that they are about."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.tables import Delivery, PecReceipt
from intercup.domain.pec import ReceiptKind
from intercup.mail.pec_notice import PecNotice


@dataclass(frozen=True)
class Receipt:
    """A receipt; `at` is the moment of its issue. A doubtful one may be another mail's."""

    kind: ReceiptKind
    at: float
    doubtful: bool = False


async def mails_named(session: AsyncSession, notice: PecNotice) -> Sequence[Delivery]:
    """Return the mails that a receipt is about: its Message-ID's, to its recipients."""
    if not notice.message_id:
        return ()
    named = Delivery.message_id == notice.message_id
    to_them = func.lower(Delivery.recipient).in_(notice.recipients)
    rows = select(Delivery).where(named, to_them).order_by(Delivery.id).with_for_update()
    return (await session.scalars(rows)).all()


async def keep_receipt(
    session: AsyncSession,
    delivery: Delivery,
    notice: PecNotice,
    sha256: str,
    now: float,
    *,
    doubtful: bool,
) -> bool:
    """Store a receipt about a mail; False if it is of no kind for senders, or known.

    `doubtful` is one that fits several mails, and is about one of them. A certain one replaces it.
    """
    if notice.kind not in ReceiptKind:
        return False
    # A server may give the same identifier to each receipt of a mail.
    certain = f"{notice.kind}:{notice.identifier or sha256}"
    identifier = f"{certain}:{sha256}" if doubtful else certain
    of_mail = PecReceipt.delivery_id == delivery.id
    known = select(PecReceipt).where(of_mail, PecReceipt.identifier.in_((certain, identifier)))
    if await session.scalar(known) is not None:
        return False
    if not doubtful:
        replaced = PecReceipt.identifier.startswith(f"{certain}:", autoescape=True)
        await session.execute(delete(PecReceipt).where(of_mail, PecReceipt.doubtful, replaced))
    session.add(
        PecReceipt(
            delivery_id=delivery.id,
            identifier=identifier,
            kind=notice.kind,
            issued_at=now if notice.at is None else notice.at,
            doubtful=doubtful,
        )
    )
    return True


async def receipts_of(reading: AsyncSession, ids: Sequence[int]) -> dict[int, list[Receipt]]:
    """Return the receipts by delivery, in the order of their issue."""
    rows = await reading.scalars(
        select(PecReceipt)
        .where(PecReceipt.delivery_id.in_(ids))
        .order_by(PecReceipt.issued_at, PecReceipt.identifier)
    )
    found: dict[int, list[Receipt]] = {}
    for row in rows:
        receipt = Receipt(ReceiptKind(row.kind), row.issued_at, row.doubtful)
        found.setdefault(row.delivery_id, []).append(receipt)
    return found
