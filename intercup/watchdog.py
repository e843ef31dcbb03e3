"""Signs of life for systemd: ready, then one at half the watchdog's time.

A process whose event loop hangs gives none, and systemd restarts it.
"""

import asyncio
import os
import socket


async def give_signs_of_life() -> None:
    """Notify systemd until cancelled; return at once if it isn't our parent."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    seconds = int(os.environ.get("WATCHDOG_USEC", "10000000")) / 2_000_000
    # Source: sd_notify(3); an @ stands for the null byte of an abstract socket.
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to_systemd:
        to_systemd.connect(address.replace("@", "\0", 1))
        to_systemd.send(b"READY=1")
        while True:
            to_systemd.send(b"WATCHDOG=1")
            await asyncio.sleep(seconds)
