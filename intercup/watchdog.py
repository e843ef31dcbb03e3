"""Signs of life for systemd: ready, then one at half the watchdog's time.

A process whose event loop hangs gives none, and systemd restarts it.
"""

import asyncio
import os
import socket


async def give_signs_of_life() -> None:
    """Notify systemd until cancelled; return at once if it isn't our parent."""
    seconds = int(os.environ.get("WATCHDOG_USEC", "10000000")) / 2_000_000
    notify("READY=1")
    while notify("WATCHDOG=1"):  # noqa: ASYNC110 (systemd waits, not we)
        await asyncio.sleep(seconds)


def notify(message: str) -> bool:
    """Send systemd a message; return False if it isn't our parent."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to_systemd:
        # Source: sd_notify(3); an @ before a name stands for the null byte of an abstract socket.
        to_systemd.connect(f"\0{address[1:]}" if address[0] == "@" else address)
        to_systemd.send(message.encode())
    return True
