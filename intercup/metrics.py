"""Prometheus metrics of web, worker and actions, each on a port of its own; nothing of persons.

Label values come from code or configuration, never from a request.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from wsgiref.simple_server import WSGIServer

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, start_http_server
from prometheus_client.exposition import ThreadingWSGIServer

from intercup.settings import Settings
from intercup.tracing import NOTHING, Said, send_span

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds

TURNS = Counter("intercup_turns", "Messages of chats", ["outcome"])
SECONDS = Histogram("intercup_seconds", "Time of one call, by part", ["part"], buckets=BUCKETS)
FAILURES = Counter("intercup_failures", "Failed calls, by part and reason", ["part", "reason"])
UNDERSTANDING = Counter("intercup_understanding", "Texts that reached an action", ["outcome"])
LOGINS = Counter("intercup_logins", "Ended logins", ["result"])
LIMITS = Counter("intercup_limits", "Actions refused by a limit", ["limit"])
DELIVERED = Counter("intercup_delivery_results", "Results of SMTP transactions", ["result"])
OUTBOX = Gauge("intercup_outbox", "Mails that haven't arrived", ["state"])
OUTBOX_AGE = Gauge("intercup_outbox_oldest_seconds", "Age of the oldest mail an office waits for")
RELAY_UP = Gauge("intercup_relay_up", "1 if the relay accepted the last mail")
DATABASE_UP = Gauge("intercup_database_up", "1 if requests can be registered")
STRUCTURES_VALID = Gauge(
    "intercup_structures_valid", "0 while a changed structures file is refused"
)
ASSISTANT_UP = Gauge("intercup_assistant_up", "1 if the last turn through Rasa and actions worked")


# A process and its successor serve at once.
ThreadingWSGIServer.allow_reuse_port = True


def serve_metrics(settings: Settings, part: str) -> WSGIServer | None:
    """Serve the metrics, if a port is set, in a thread, which answers even if the loop hangs."""
    port = settings.metrics_port_of(part)
    return start_http_server(port, settings.metrics_host, REGISTRY)[0] if port else None


def end_metrics(server: WSGIServer | None) -> None:
    """Leave the port to the successor, whose counters start anew."""
    if server:
        server.shutdown()
        server.server_close()


@contextmanager
def timed(part: str, trace: str = "") -> Iterator[None]:
    """Observe the block's time, also as a span of this request, or of the one at work."""
    began = time.monotonic()
    try:
        yield
    finally:
        observe(part, time.monotonic() - began, trace)


def observe(part: str, seconds: float, trace: str = "", said: Said = NOTHING) -> None:
    """Note a call that has just ended."""
    SECONDS.labels(part).observe(seconds)
    send_span(part, seconds, trace, said)
