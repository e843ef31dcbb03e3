"""The links by which offices mark and forward requests, in mails; the table has their hash."""

import base64
import secrets
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.prepared import add
from intercup.db.tables import ForwardLink, Request
from intercup.domain.forwarding import LINK_LIFE
from intercup.errors import Gone, NotFound
from intercup.mail.compose import OfficeLink
from intercup.services.ids import hash_of

TOKEN_BYTES = 20


async def add_link(
    writing: AsyncSession, number: str, hop: int, base_url: str, now: datetime
) -> OfficeLink:
    """Create the link for the mail of a hop; the database doesn't contain its token."""
    token = new_token()
    expires_at = now + LINK_LIFE
    link = ForwardLink(
        token_hash=hash_of(token),
        request_number=number,
        hop=hop,
        expires_at=expires_at.timestamp(),
    )
    await add(writing, link)
    return OfficeLink(f"{base_url}/inoltra/{token}", expires_at)


def new_token() -> str:
    """Make a link's secret of letters and digits: mail programs cut a final dash off a link."""
    return base64.b32encode(secrets.token_bytes(TOKEN_BYTES)).decode().lower()


async def find_link(reading: AsyncSession, token: str, now: datetime) -> ForwardLink:
    """Return a valid link.

    Raises:
        NotFound: no mail contains this link.
        Gone: it was revoked or has expired.
    """
    link = await reading.get(ForwardLink, hash_of(token))
    if link is None:
        raise NotFound("forward_link_unknown")
    if link.revoked_at is not None:
        raise Gone("forward_link_revoked")
    if now.timestamp() >= link.expires_at:
        raise Gone("forward_link_expired")
    return link


async def is_revoked(reading: AsyncSession, number: str, hop: int) -> bool:
    """Return True if the team has revoked a link of the office that got this hop."""
    same = (ForwardLink.request_number == number, ForwardLink.hop == hop)
    return bool(
        await reading.scalar(select(exists().where(*same, ForwardLink.revoked_at.is_not(None))))
    )


async def revoke_links(writing: AsyncSession, number: str, now: datetime) -> int | None:
    """Revoke all links of a request and return how many; None for an unknown number."""
    if await writing.scalar(select(Request.number).where(Request.number == number)) is None:
        return None
    revoked = await writing.execute(
        update(ForwardLink)
        .where(ForwardLink.request_number == number, ForwardLink.revoked_at.is_(None))
        .values(revoked_at=now.timestamp())
        .returning(ForwardLink.token_hash)
    )
    return len(revoked.all())
