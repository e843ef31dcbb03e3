"""End the parts when the supervisor dies without cleanup, for example by `kill -9`.

A separate program. Reads lines from standard input: `+123` watches process group 123, `-123`
forgets it. The end of the input means that the supervisor is gone: the watched groups get
SIGTERM, and SIGKILL after the grace period. The kernel's PR_SET_PDEATHSIG is Linux only and
reaches only direct children; Sanic's workers are grandchildren. Standard library only, for a
process of 9 MB.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable


def still_watched(lines: Iterable[str]) -> set[int]:
    """Read the lines to their end and return the groups not forgotten."""
    groups: set[int] = set()
    for line in lines:
        group = int(line[1:])
        if line.startswith("+"):
            groups.add(group)
        else:
            groups.discard(group)
    return groups


def signal_groups(groups: set[int], number: int) -> set[int]:
    """Send the signal (0 only checks) and return the groups that exist."""
    existing = set()
    for group in groups:
        try:
            os.killpg(group, number)
        except ProcessLookupError:
            continue
        except PermissionError:  # macOS's answer for a group of zombies.
            continue
        existing.add(group)
    return existing


def main(grace_seconds: float) -> None:
    """Wait for the supervisor's end, then end its remaining parts."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups = signal_groups(still_watched(sys.stdin), signal.SIGTERM)
    deadline = time.monotonic() + grace_seconds
    while groups and time.monotonic() < deadline:
        time.sleep(0.1)
        groups = signal_groups(groups, 0)
    signal_groups(groups, signal.SIGKILL)


if __name__ == "__main__":
    main(float(sys.argv[1]))
