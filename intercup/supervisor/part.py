"""A part of the service, and the supervisor's limits."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Port:
    """A TCP port that a part listens on, and the setting that changes it."""

    number: int
    setting: str = ""
    host: str = "127.0.0.1"


@dataclass(frozen=True)
class Part:
    """A process of the service.

    `ready` is an http:// address that answers 2xx, a (host, port) that accepts a connection, or
    None for a part that listens nowhere, which counts as ready if it still runs 3 s later. The
    failure of a part that isn't critical doesn't stop the others. `env` is its whole environment.
    A part with a watchdog that has given signs of life and then none for so long is killed.
    """

    name: str
    command: tuple[str, ...]
    ready: str | tuple[str, int] | None = None
    purpose: str = ""
    cwd: Path | None = None
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    ports: tuple[Port, ...] = ()
    timeout_seconds: float = 120.0
    usual_seconds: float | None = None
    critical: bool = True
    watchdog_seconds: float | None = None


@dataclass(frozen=True)
class Limits:
    """Counts, waiting times in seconds and the size of log files in bytes."""

    first_restart: float = 1.0
    longest_restart: float = 30.0
    stable: float = 10.0
    start_attempts: int = 5
    stop: float = 30.0
    probe: float = 0.1
    watch: float = 1.0
    log_size: int = 10_000_000
    log_files: int = 5

    def restart_delay(self, failures: int) -> float:
        """Return the seconds to wait after this many failures in a row (from 1)."""
        return min(self.first_restart * 2.0 ** min(failures - 1, 16), self.longest_restart)
