"""Detection of taken ports, with their holders, before the start."""

import errno
import os
import re
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from intercup.supervisor.part import Part, Port

LISTENING = "0A"  # the state column of /proc/net/tcp
HIGHEST = 60_000  # from here on a search for a free port begins


@dataclass(frozen=True)
class TakenPort:
    """A taken port; `holder` names its process if visible."""

    part: Part
    port: Port
    error: OSError
    holder: str = ""


def taken_ports(parts: Sequence[Part]) -> list[TakenPort]:
    """Try every port of every part and return the taken ones."""
    taken = []
    owners: dict[int, str] = {}
    for part in parts:
        for port in part.ports:
            if port.number in owners:
                error = OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
                taken.append(TakenPort(part, port, error, owners[port.number]))
            elif (refused := refusal(port)) is not None:
                taken.append(TakenPort(part, port, refused, port_holder(port.number)))
            owners[port.number] = part.name
    return taken


def free_instead(parts: Sequence[Part], taken: Sequence[TakenPort]) -> dict[str, str]:
    """Return a value with free ports for each setting that names a port in use.

    A setting of several ports names the first one.
    """
    in_use = {t.port.setting for t in taken if t.error.errno == errno.EADDRINUSE}
    ports = [port for part in parts for port in part.ports]
    avoided, found = {port.number for port in ports}, {}
    for setting in sorted(in_use - {""}):
        named = [port for port in ports if port.setting == setting]
        first = _first_free(named, avoided)
        avoided.update(range(first, first + len(named)))
        found[setting] = (
            f"http://{named[0].host}:{first}" if setting.endswith("_URL") else str(first)
        )
    return found


def _first_free(ports: Sequence[Port], avoided: set[int]) -> int:
    """Return the first of as many free ports in a row, above those in use."""
    first = min(max(port.number for port in ports) + 1, HIGHEST)
    while True:
        row = range(first, first + len(ports))
        if avoided.isdisjoint(row) and all(
            refusal(replace(ports[0], number=number)) is None for number in row
        ):
            return first
        first += 1


def refusal(port: Port) -> OSError | None:
    """Return the error of binding the port; None if it is free."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            port.host, port.number, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as attempt:
            # Otherwise connections of a service just stopped would make the port look taken.
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            attempt.bind(address)
    except OSError as error:
        return error
    return None


def port_holder(number: int) -> str:
    """Return "name (pid 123)" of the process that listens there; empty if it isn't visible."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == LISTENING and int(fields[1].rsplit(":", 1)[1], 16) == number:
                    inodes.add(f"socket:[{fields[9]}]")
    for process in Path("/proc").glob("[0-9]*") if inodes else ():
        # Processes come and go meanwhile, and other users' are closed to us.
        with suppress(OSError):
            if any(str(link.readlink()) in inodes for link in (process / "fd").iterdir()):
                name = re.sub(r"[^\x20-\x7e]", "?", (process / "comm").read_text().strip())
                return f"{name} (pid {process.name})"
    return ""
