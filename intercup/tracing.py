"""Spans for an OpenTelemetry collector: a request, its calls of Rasa and actions, its mails.

Off unless a collector is set; then nothing of OpenTelemetry is imported. The id that every log has
(`1a2b-3c4d`) determines the trace's id and that of the request's own span, the parent of the
others: the processes pass nothing else on. A span has that id, route and status, and no person.
"""

import atexit
import hashlib
import secrets
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from intercup.log import TRACE

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import SpanProcessor

type Said = Mapping[str, str | int]  # a span's attributes

NOTHING: Said = {}
ROOT = "web"
NAMES = (ROOT, "rasa", "actions", "smtp")
EXPORT_WITHIN = 5  # seconds

_sending: list[tuple["Resource", "SpanProcessor"]] = []


def set_up_tracing(endpoint: str, part: str) -> None:
    """Send this part's spans to a collector, in a thread; do nothing if none is set."""
    if not endpoint:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    processor = BatchSpanProcessor(OTLPSpanExporter(endpoint, timeout=EXPORT_WITHIN))
    # Its method `create` would add what the environment says.
    _sending.append((Resource({"service.name": f"intercup-{part}"}), processor))
    atexit.register(processor.shutdown)


def send_span(name: str, seconds: float, trace: str = "", said: Said = NOTHING) -> None:
    """Send a span of these seconds until now, if it belongs to a request."""
    trace = trace or TRACE.get()
    if not _sending or not trace or name not in NAMES:
        return
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import SpanContext, TraceFlags

    (resource, processor), now = _sending[0], time.time_ns()
    trace_id, root_id = ids_of(trace)
    root = SpanContext(trace_id, root_id, is_remote=True, trace_flags=TraceFlags(1))
    own = SpanContext(trace_id, secrets.randbits(64) | 1, False, TraceFlags(1))
    span = ReadableSpan(
        name,
        context=root if name == ROOT else own,
        parent=None if name == ROOT else root,
        resource=resource,
        attributes={"intercup.trace": trace, **said},
        start_time=now - int(seconds * 1e9),
        end_time=now,
    )
    processor.on_end(span)


def ids_of(trace: str) -> tuple[int, int]:
    """Return the ids of the trace (128 bits) and of the request's span (64 bits)."""
    digest = hashlib.sha256(trace.encode()).digest()
    return int.from_bytes(digest[:16]), int.from_bytes(digest[16:24])
