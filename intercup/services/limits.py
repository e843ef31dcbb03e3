"""How often something may be done: by an address, a browser's session, an IP address."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.tables import Use
from intercup.services.retention import LIMITED_USE

HOUR = 3600.0  # seconds
DAY = 24 * HOUR
KEPT = LIMITED_USE.total_seconds()


@dataclass(frozen=True)
class Limit:
    """At most `count` times in `seconds`."""

    count: int
    seconds: float


# A code reaches a mailbox that may be somebody else's: few are sent to one, even in a day.
CODE_LIMITS = {
    "address": (Limit(3, HOUR), Limit(6, DAY)),
    "session": (Limit(6, HOUR),),
    "ip": (Limit(20, HOUR), Limit(60, DAY)),
}
# Requests sent before login; the codes that come first are limited by session and IP address too.
ACCESS_REQUEST_LIMITS = {"address": (Limit(3, HOUR), Limit(6, DAY))}
# Attempts to forward a request by one link; an office needs one or two.
FORWARD_LIMITS = {"link": (Limit(10, HOUR),)}


def key_of(secret_key: bytes, kind: str, value: str) -> str:
    """Return what is stored of an address or a session; it can't be read back."""
    return hmac.new(secret_key, f"{kind}:{value.lower()}".encode(), hashlib.sha256).hexdigest()


async def take(
    writing: AsyncSession,
    action: str,
    limits: Mapping[str, tuple[Limit, ...]],
    who: Mapping[str, str],
    now: float,
) -> bool:
    """Count one use for each of `who` (keys by kind); False, and nothing counted, over a limit."""
    await writing.execute(delete(Use).where(Use.used_at < now - KEPT))
    for kind, key in who.items():
        for limit in limits[kind]:
            used = await writing.scalar(
                select(func.count()).where(
                    Use.kind == f"{action}/{kind}",
                    Use.who == key,
                    Use.used_at > now - limit.seconds,
                    Use.used_at <= now,
                )
            )
            if (used or 0) >= limit.count:
                return False
    writing.add_all(Use(kind=f"{action}/{k}", who=key, used_at=now) for k, key in who.items())
    return True
