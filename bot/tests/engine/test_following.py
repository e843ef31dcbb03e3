"""The published model, as the actions give it to the process that follows it."""

import hashlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from engine import following
from engine.channel_secret import VARIABLE, authorization
from engine.following import REFUSED_AT_MOST, REFUSED_FOR, Published, Rasa

CONTENT = b"a model"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Actions(HTTPServer):
    """The actions' server; `missing` bytes of its answer never come."""

    missing = 0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.refused: list[list[str]] = []


class Handler(BaseHTTPRequestHandler):
    server: Actions

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        self.server.refused.append(sorted(query.get("refused", [])))
        self.send_response(200)
        self.send_header("ETag", SHA256)
        self.send_header("Content-Length", str(len(CONTENT) + self.server.missing))
        self.end_headers()
        self.wfile.write(CONTENT)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def actions(monkeypatch: pytest.MonkeyPatch) -> Iterator[Actions]:
    monkeypatch.setenv(VARIABLE, "secret of the channel")
    authorization.cache_clear()
    with Actions() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
    authorization.cache_clear()


def published(actions: Actions, folder: Path) -> Published:
    return Published(f"http://127.0.0.1:{actions.server_port}/webhook", folder)


def test_each_refused_model_is_left_out_every_time_for_longer(
    actions: Actions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(following.time, "monotonic", lambda: now)
    found = published(actions, tmp_path)
    found.refuse("b")
    found.refuse("c")
    assert found.newer_than("")
    now += REFUSED_FOR + 1
    found.newer_than("")
    found.refuse("c")
    now += REFUSED_FOR + 1
    found.newer_than("")
    now += REFUSED_FOR
    found.newer_than("")
    assert actions.refused == [["b", "c"], [], ["c"], []]
    for _ in range(20):
        found.refuse("c")
    now += REFUSED_AT_MOST - 1
    found.newer_than("")
    now += 2
    found.newer_than("")
    assert actions.refused[-2:] == [["c"], []]


def test_an_answer_that_breaks_off_and_a_full_disk_change_nothing(
    actions: Actions, tmp_path: Path
) -> None:
    actions.missing = 5
    assert published(actions, tmp_path).newer_than("") is None
    actions.missing = 0
    assert published(actions, tmp_path / "gone").newer_than("") is None
    assert published(actions, tmp_path).newer_than("") == tmp_path / f"{SHA256}.tar.gz"


def test_a_server_that_ended_before_its_model_came_does_not_end_the_other() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    dead = Rasa.__new__(Rasa)
    dead._control = ours
    assert dead.load(Path("model.tar.gz")) is False
    ours.close()


class NeverLoads(Rasa):
    """A server that ends before its model works."""

    def __init__(self, model: str) -> None:
        self.model = model

    def load(self, model: Path, other: Rasa | None = None) -> bool:
        return False

    def give_up(self) -> str:
        return self.model


@pytest.mark.parametrize(("started", "refused"), [("b", ["b"]), ("a", [])])
def test_a_model_in_use_is_not_refused_because_a_new_program_does_not_start_it(
    started: str, refused: list[str], actions: Actions, tmp_path: Path
) -> None:
    servers: list[Rasa] = [NeverLoads("a")]
    found = published(actions, tmp_path)
    following._turn(servers, lambda: NeverLoads(started), Path(f"{started}.tar.gz"), found)
    assert [each.model for each in servers] == ["a"]
    found.newer_than("a")
    assert actions.refused == [refused]


def test_a_program_that_is_away_leaves_the_server_in_use_and_no_descriptor(
    actions: Actions,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(following.sys, "executable", str(tmp_path / "python"))
    servers: list[Rasa] = [NeverLoads("a")]
    found = published(actions, tmp_path)
    with socket.socket() as listening:
        before = descriptors()
        following._turn(servers, lambda: Rasa(tmp_path, 0, listening), Path("b.tar.gz"), found)
        assert descriptors() == before
    assert "ALARM no other Rasa can be spawned, a stays" in caplog.text
    assert [each.model for each in servers] == ["a"]
    found.newer_than("a")
    assert actions.refused == [["b"]], "it would be tried every second"


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
