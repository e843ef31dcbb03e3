"""Signs of life for our parent, as in the other environment's intercup/watchdog.py."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import suppress


async def give_signs_of_life() -> None:
    """Notify our parent until cancelled; return at once if it doesn't listen."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    seconds = int(os.environ.get("WATCHDOG_USEC", "10000000")) / 2_000_000
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to_parent:
        to_parent.connect(f"\0{address[1:]}" if address[0] == "@" else address)
        to_parent.send(b"READY=1")
        while True:
            with suppress(OSError):
                to_parent.send(b"WATCHDOG=1", socket.MSG_DONTWAIT)
            await asyncio.sleep(seconds)
