"""The launcher's server, as a process of its own."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from action_server import ActionServer

pytestmark = pytest.mark.processes
BOT = Path(__file__).parents[2]
CANARY = "canarino-7391"
SECRET = "secret of the channel"  # noqa: S105
START_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def launch(project: Path, port: int, actions_url: str, log: Path, model: str) -> subprocess.Popen:
    command = ["-m", "engine.launcher", "--project", str(project)]
    with log.open("w") as output:
        return subprocess.Popen(
            [sys.executable, *command, "run", "--port", str(port), "--model", model],
            cwd=BOT,
            env={
                **os.environ,
                "INTERCUP_ACTIONS_WEBHOOK": actions_url,
                "INTERCUP_RASA_SECRET": SECRET,
                "SANIC_WORKERS": "4",
            },
            stdout=output,
            stderr=output,
        )


class Server:
    def __init__(self, process: subprocess.Popen, port: int, actions: ActionServer, log: Path):
        self.process, self.port, self.actions, self.log = process, port, actions, log

    def request(
        self,
        path: str,
        body: Any = None,
        method: "str | None" = None,
        authorization: str = f"Bearer {SECRET}",
    ) -> tuple[int, Any, Any]:
        data = json.dumps(body).encode() if body is not None else None
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, data, method=method)
        request.add_header("Content-Type", "application/json")
        request.add_header("Origin", "https://elsewhere.example")
        request.add_header("Authorization", authorization)
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return response.status, response.headers, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def say(self, sender: str, message: str, **metadata: str) -> list[Any]:
        body = {"sender": sender, "message": message, "metadata": metadata}
        status, _, text = self.request("/webhooks/rest/webhook", body)
        assert status == 200
        return json.loads(text)


@pytest.fixture(scope="module")
def running(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    actions, port = ActionServer(), free_port()
    log = tmp_path_factory.mktemp("log") / "rasa.log"
    process = launch(project, port, actions.url, log, "models")
    server = Server(process, port, actions, log)
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                server.request("/")
                break
            except OSError:
                assert process.poll() is None and time.monotonic() < deadline, log.read_text()
                time.sleep(0.1)
        yield server
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def server(running: Server) -> Iterator[Server]:
    running.actions.calls.clear()
    yield running
    running.actions.status, running.actions.reply = 200, None


def test_the_metadata_of_a_message_reaches_the_actions(server: Server) -> None:
    assert server.say("metadata", "/greet", message_id="m-1")[0]["text"] == "echo"
    message = server.actions.calls[-1]["tracker"]["latest_message"]
    assert message["metadata"] == {"message_id": "m-1"}


@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer other", SECRET])
def test_nobody_without_the_secret_can_speak(server: Server, authorization: str) -> None:
    body = {"sender": "somebody", "message": "/greet"}
    for path in ("/webhooks/rest/webhook", "/webhooks/rest/webhook?stream=true"):
        assert server.request(path, body, authorization=authorization)[0] == 401
    parse = ("/webhooks/rest/parse", {"text": "ciao"})
    assert server.request(*parse, authorization=authorization)[0] == 401
    assert server.actions.calls == []


def test_a_text_is_parsed_without_a_conversation(server: Server) -> None:
    status, _, body = server.request("/webhooks/rest/parse", {"text": "ciao"})
    best = json.loads(body)[0]
    assert (status, best["name"]) == (200, "greet")
    assert 0 < best["confidence"] <= 1
    assert server.actions.calls == []


@pytest.mark.parametrize("body", [None, {}, [], {"text": 1}, {"text": "x" * 4_001}])
def test_only_a_text_of_bounded_length_is_parsed(server: Server, body: Any) -> None:
    assert server.request("/webhooks/rest/parse", body, "POST")[0] == 400


def test_the_actions_are_given_the_secret(server: Server) -> None:
    server.say("secret", "/greet")
    assert server.actions.authorizations[-1] == f"Bearer {SECRET}"


def test_a_reply_names_its_answer_and_the_values_in_it(server: Server) -> None:
    said = [{"response": "utter_thank", "place": "Enna"}, {"text": "libero"}]
    server.actions.reply = {"events": [], "responses": said}
    named, free = server.say("named", "/greet")
    assert (named["answer"]["name"], named["answer"]["values"]["place"]) == ("utter_thank", "Enna")
    assert (named["text"], free["text"], "answer" in free) == ("Prego.", "libero", False)


def test_only_this_machine_can_connect(server: Server) -> None:
    addresses = {
        line.split()[1]
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        for line in Path(table).read_text().splitlines()[1:]
        if line.split()[3] == "0A" and line.split()[1].endswith(f":{server.port:04X}")
    }
    assert addresses == {f"0100007F:{server.port:04X}"}


@pytest.mark.parametrize("path", ["/model/parse", "/conversations/default/tracker", "/status"])
def test_there_is_no_api(server: Server, path: str) -> None:
    assert server.request(path)[0] == 404


def test_a_text_is_explained_outside_any_chat(server: Server) -> None:
    status, _, text = server.request("/webhooks/rest/explain", {"text": "grazie mille"})
    explained = json.loads(text)
    assert (status, explained["ranking"][0][0], explained["doubtful"]) == (200, "thank", False)
    assert len(explained["vector"]) == 512
    assert len(explained["model"]) == 8
    assert server.request("/webhooks/rest/explain", {"text": 1})[0] == 400


def test_no_model_can_be_put_in(server: Server) -> None:
    assert server.request("/model", {"model_file": "models/other.tar.gz"}, "PUT")[0] == 404


def test_other_sites_may_not_call(server: Server) -> None:
    assert server.request("/")[1]["Access-Control-Allow-Origin"] is None


def test_tensorflow_is_not_loaded(server: Server) -> None:
    assert "tensorflow" not in Path(f"/proc/{server.process.pid}/maps").read_text()


@pytest.mark.parametrize("status", [400, 500])
def test_a_failed_action_leaves_nothing_but_the_default_reply(server: Server, status: int) -> None:
    server.actions.status = status
    replies = server.say(f"failed-{status}", "/greet")
    assert {reply["text"] for reply in replies} <= {"Non ho una regola."}


def test_one_process_serves_however_many_are_asked_for(server: Server) -> None:
    asked = dict(
        entry.split("=", 1)
        for entry in Path(f"/proc/{server.process.pid}/environ").read_text().split("\0")
        if entry
    )
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    assert asked["SANIC_WORKERS"] == "4"
    assert children.read_text() == "", "conversations and their locks live in one memory"


def test_no_log_holds_what_was_written(server: Server) -> None:
    said = [
        f"{CANARY} non riesco a prenotare",
        f"/greet{{{CANARY}",
        f"/{CANARY}",
        f"/ {CANARY}",
        f"/greet {CANARY}",
        f'/edit_answer{{"{CANARY}": "a", "field": "{CANARY}"}}',
    ]
    for status, reply in (
        (200, None),
        (500, None),
        (400, {"action_name": CANARY, "error": CANARY}),
        (200, {"events": [{"event": CANARY}]}),
        (200, {"events": [], "responses": [{"response": CANARY}]}),
    ):
        server.actions.status, server.actions.reply = status, reply
        for number, text in enumerate([*said, "/greet"]):
            server.say(f"canary-{status}-{number}", text, note=CANARY)
            server.say(f"canary-{status}-{number}", "/greet", note=CANARY)
    server.request("/webhooks/rest/webhook", [CANARY])
    server.request(f"/{CANARY}", {"a": CANARY})
    log = server.log.read_text()
    assert "action_echo" in log, "the failures are logged"
    assert CANARY not in log


def test_without_a_model_it_ends(project: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = launch(project, free_port(), "http://127.0.0.1:1", log, str(tmp_path))
    try:
        assert process.wait(START_SECONDS) != 0
    finally:
        process.kill()
    assert "model" in log.read_text()
