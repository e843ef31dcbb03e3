"""Signs of life for systemd or `intercup run`: ready, then one at half the watchdog's time.

A process whose event loop hangs gives none, and is restarted.
"""

import asyncio
import os
import socket
from contextlib import suppress


async def give_signs_of_life() -> None:
    """Notify our parent until cancelled; return at once if it doesn't listen."""
    seconds = int(os.environ.get("WATCHDOG_USEC", "10000000")) / 2_000_000
    if not notify("READY=1"):
        return
    while True:
        # A parent that stands still itself, or has just ended, doesn't stop us.
        with suppress(OSError):
            notify("WATCHDOG=1", socket.MSG_DONTWAIT)
        await asyncio.sleep(seconds)


def notify(message: str, flags: int = 0) -> bool:
    """Send our parent a message; return False if it doesn't listen."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to_parent:
        # Source: sd_notify(3); an @ before a name stands for the null byte of an abstract socket.
        to_parent.connect(f"\0{address[1:]}" if address[0] == "@" else address)
        to_parent.send(message.encode(), flags)
    return True
