"""Reports of failed deliveries as Postfix writes them, for a row of the outbox."""

import re

from intercup.db.tables import Delivery
from intercup.mail.bounce_address import BounceAddress
from tests.support.made_requests import MAIL_FROM
from tests.support.paths import SAMPLES

BOUNCE_SAMPLES = SAMPLES / "bounces"
BOUNCES = BounceAddress(MAIL_FROM, b"k" * 32)


def report(name: str, row: Delivery) -> bytes:
    """A sample report about this row's mail."""
    raw = (BOUNCE_SAMPLES / f"{name}.eml").read_bytes()
    was = re.search(rb"assistenza\+b-[0-9a-f]{32}@intercup\.example\.it", raw)
    assert was
    return raw.replace(was[0], row.envelope_from.encode())
