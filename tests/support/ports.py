"""Free ports for servers that must know theirs before they start.

They are below Linux's ephemeral range (32768), and each pytest process has some thousands of its
own, so nobody else takes one between its choice and the server's start.
"""

import os
import random
import socket
from functools import cache

FIRST, OF_EACH_PROCESS = 20_000, 3_000


def free_port(in_a_row: int = 1) -> int:
    """Return an unused port, the first of `in_a_row` consecutive ones."""
    untried = _untried()
    while True:
        port = untried.pop()
        row = range(port, port + in_a_row)
        if set(row[1:]) <= set(untried) and all(map(_is_free, row)):
            untried[:] = [other for other in untried if other not in row]
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@cache
def _untried() -> list[int]:
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4
    first = FIRST + process * OF_EACH_PROCESS
    ports = list(range(first, first + OF_EACH_PROCESS))
    random.shuffle(ports)
    return ports
