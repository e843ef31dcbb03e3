"""A collector of traces, which keeps what it gets."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from intercup.tracing import ids_of


class Collector(ThreadingHTTPServer):
    """The spans of all services that have its endpoint."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Keeping)
        self.endpoint = f"http://127.0.0.1:{self.server_port}/v1/traces"
        self.bodies: list[bytes] = []

    def spans_of(self, trace: str) -> list[tuple[str, str, bool]]:
        """Return a trace's spans: service, name, and whether it is the root of all others."""
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
            ExportTraceServiceRequest,
        )

        trace_id, root_id = ids_of(trace)
        found = []
        for body in self.bodies:
            for of_part in ExportTraceServiceRequest.FromString(body).resource_spans:
                (service,) = of_part.resource.attributes
                for span in (span for scope in of_part.scope_spans for span in scope.spans):
                    if int.from_bytes(span.trace_id) != trace_id:
                        continue
                    is_root = int.from_bytes(span.span_id) == root_id
                    parent = b"" if is_root else root_id.to_bytes(8)
                    assert span.parent_span_id == parent
                    assert 0 < span.start_time_unix_nano <= span.end_time_unix_nano
                    found.append((service.value.string_value, span.name, is_root))
        return found


class Keeping(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        is_packed = self.headers.get("Content-Encoding") == "gzip"
        self.server.bodies.append(gzip.decompress(body) if is_packed else body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def trace_collector() -> Iterator[Collector]:
    """Run a collector in a thread."""
    with Collector() as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()
