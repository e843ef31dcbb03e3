"""Signs of life for systemd, as in the other environment's intercup/watchdog.py."""

from __future__ import annotations

import asyncio
import os
import socket


async def give_signs_of_life() -> None:
    """Notify systemd until cancelled; return at once if it isn't our parent."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    seconds = int(os.environ.get("WATCHDOG_USEC", "10000000")) / 2_000_000
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to_systemd:
        to_systemd.connect(f"\0{address[1:]}" if address[0] == "@" else address)
        to_systemd.send(b"READY=1")
        while True:
            to_systemd.send(b"WATCHDOG=1")
            await asyncio.sleep(seconds)
