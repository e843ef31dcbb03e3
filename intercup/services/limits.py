"""Limits on actions by address, browser session and IP address."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Table, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.prepared import Prepared, add
from intercup.db.tables import Use
from intercup.domain.mailbox import inbox_of
from intercup.metrics import LIMITS
from intercup.services.privacy.retention import LIMITED_USE
from intercup.settings import Settings

HOUR = 3600.0  # seconds
DAY = 24 * HOUR
KEPT = LIMITED_USE.total_seconds()
DEMO_TIMES = 100


@dataclass(frozen=True)
class Limit:
    """At most `count` times in `seconds`."""

    count: int
    seconds: float


# A code may reach somebody else's mailbox, so few go to one address, even in a day.
CODE_LIMITS = {
    "address": (Limit(3, HOUR), Limit(6, DAY)),
    "session": (Limit(6, HOUR),),
    "ip": (Limit(20, HOUR), Limit(60, DAY)),
}
# Requests before login; their codes are limited by session and IP address too.
ACCESS_REQUEST_LIMITS = {"address": (Limit(3, HOUR), Limit(6, DAY))}
# Texts added to one request.
ADDITION_LIMITS = {"request": (Limit(10, DAY),)}
# Attempts by one link to forward a request, or to mark its state; an office needs one or two.
LINK_LIMITS = {"link": (Limit(10, HOUR),)}


_USES = cast(Table, Use.__table__)
_FORGET = Prepared(delete(_USES).where(_USES.c.used_at < bindparam("oldest")))
# Once this use no longer counts, there is room for another.
_LAST_IN_THE_WAY = Prepared(
    select(_USES.c.used_at)
    .where(
        _USES.c.kind == bindparam("kind"),
        _USES.c.who == bindparam("who"),
        _USES.c.used_at > bindparam("after"),
        _USES.c.used_at <= bindparam("now"),
    )
    .order_by(_USES.c.used_at.desc())
    .offset(bindparam("offset"))
    .limit(1)
)

type Limits = Mapping[str, tuple[Limit, ...]]


def request_limits(settings: Settings) -> Limits:
    """Return the limits for requests after login, by person, session and IP address.

    The demo allows more: tests send hundreds as one person from one machine.
    """
    times = DEMO_TIMES if settings.is_demo else 1
    one = (
        Limit(settings.requests_per_hour * times, HOUR),
        Limit(settings.requests_per_day * times, DAY),
    )
    many = (
        Limit(settings.requests_per_hour_ip * times, HOUR),
        Limit(settings.requests_per_day_ip * times, DAY),
    )
    return {"person": one, "session": one, "ip": many}


def key_of(secret_key: bytes, kind: str, value: str) -> str:
    """Return the stored key of an address or a session, which can't be reversed."""
    return hmac.new(secret_key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


def key_of_inbox(secret_key: bytes, address: str) -> str:
    """Return the key to count an address by, the same for all addresses of its mailbox."""
    return key_of(secret_key, "address", inbox_of(address))


async def take(
    writing: AsyncSession,
    action: str,
    limits: Limits,
    who: Mapping[str, str],
    now: float,
) -> float:
    """Count one use for each of `who` (keys by kind) and return 0.

    Over a limit nothing is counted, and the seconds until the next possible use are returned.
    """
    await _FORGET.rows(writing, {"oldest": now - KEPT})
    for kind, key in who.items():
        of = {"kind": f"{action}/{kind}", "who": key, "now": now}
        for limit in limits[kind]:
            within = {"after": now - limit.seconds, "offset": limit.count - 1}
            if in_the_way := await _LAST_IN_THE_WAY.row(writing, of | within):
                LIMITS.labels(f"{action}/{kind}").inc()
                used_at: float = in_the_way[0]
                return max(1.0, used_at + limit.seconds - now)
    uses = (Use(kind=f"{action}/{kind}", who=key, used_at=now) for kind, key in who.items())
    await add(writing, *uses)
    return 0.0
