"""One id follows a message through the JSON logs of web, Rasa, actions and worker."""

import asyncio
import gzip
import json
import os
import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from intercup.texts import TEXTS
from intercup.tracing import ids_of
from tests.support.chatting_citizen import ChattingCitizen, number_in, to_summary
from tests.support.running_service import RunningService, run_service

SPANS = {
    ("intercup-web", "web", True),
    ("intercup-web", "rasa", False),
    ("intercup-actions", "actions", False),
    ("intercup-worker", "smtp", False),
}
EXPORTED_WITHIN, LOGGED_WITHIN = 20.0, 10.0  # seconds
CATEGORY = "Problemi tecnici rilevati durante la prenotazione sulla struttura sanitaria"


class Collector(ThreadingHTTPServer):
    """A collector of traces, which keeps what it gets."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Keeping)
        self.endpoint = f"http://127.0.0.1:{self.server_port}/v1/traces"
        self.bodies: list[bytes] = []

    def spans_of(self, trace: str) -> list[tuple[str, str, bool]]:
        """Return a trace's spans: service, name, and whether it is the root of all others."""
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


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector() as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def json_service(
    tmp_path_factory: pytest.TempPathFactory, collector: Collector
) -> Iterator[RunningService]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INTERCUP_LOG_FORMAT", "json")
        patch.setenv("INTERCUP_OTLP_ENDPOINT", collector.endpoint)
        yield from run_service(tmp_path_factory.mktemp("json"))


async def lines_in_time(
    service: RunningService, part: str, trace: str, count: int
) -> list[dict[str, Any]]:
    """Wait for this many lines of a part's log: they come after the answer, through a pipe."""
    async with asyncio.timeout(LOGGED_WITHIN):
        while True:
            whole = service.log(part).rpartition("\n")[0].splitlines()
            found = [event for line in whole if (event := json.loads(line)).get("trace") == trace]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.1)


async def test_a_request_has_one_id_from_the_message_to_the_mails(
    json_service: RunningService, collector: Collector
) -> None:
    async with ChattingCitizen(json_service.url) as citizen:
        await citizen.log_in("Agata Lo Presti")
        await citizen.open("portal")
        await to_summary(citizen, CATEGORY, "ASP Trapani", "La pagina si chiude da sola.")
        await citizen.press(TEXTS("input.send"))
        number, trace = number_in(citizen.text), citizen.trace
        await citizen.mails_about(number, 2)
    (access,) = await lines_in_time(json_service, "web", trace, 1)
    assert {"method": "POST", "route": "/chat/messages", "status": 200}.items() <= access.items()
    (registered,) = await lines_in_time(json_service, "actions", trace, 1)
    assert number in registered["message"]
    sent = await lines_in_time(json_service, "worker", trace, 2)
    assert [event["message"].split()[2] for event in sent] == ["sent", "sent"]
    async with asyncio.timeout(EXPORTED_WITHIN):
        while len(set(spans := collector.spans_of(trace))) < len(SPANS):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    assert set(spans) == SPANS
    assert spans.count(("intercup-worker", "smtp", False)) == 2
    sent_out = b"".join(collector.bodies)
    for private in (number, "chiude da sola", "Agata", "Trapani", "example.it"):
        assert private.encode() not in sent_out


async def test_rasa_logs_the_id_of_a_message_that_failed(json_service: RunningService) -> None:
    pid = json_service.pid_of("actions")
    async with ChattingCitizen(json_service.url) as citizen:
        await citizen.open()
        os.kill(pid, signal.SIGKILL)
        await citizen.say("vorrei inviare una richiesta di assistenza")
        assert citizen.retry
        assert await lines_in_time(json_service, "rasa", citizen.trace, 1)
