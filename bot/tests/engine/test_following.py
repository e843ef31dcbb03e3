"""The published model, as the actions give it to the process that follows it."""

import hashlib
import socket
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from engine import following
from engine.channel_secret import VARIABLE, authorization
from engine.following import READY_FOR, REFUSED_AT_MOST, REFUSED_FOR, Published, Rasa, WayBack

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
    way_back = WayBack(lambda: NeverLoads(started))
    model = Path(f"{started}.tar.gz")
    following._turn(servers, lambda: NeverLoads(started), model, found, way_back)
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
        new = partial(Rasa, tmp_path, 0, listening)
        following._turn(servers, new, Path("b.tar.gz"), found, WayBack(new))
        assert descriptors() == before
    assert "ALARM no other Rasa can be spawned, a stays" in caplog.text
    assert [each.model for each in servers] == ["a"]
    found.newer_than("a")
    assert actions.refused == [["b"]], "it would be tried every second"


class Loads(Rasa):
    """A server whose model works, and which tells what it is asked."""

    def __init__(self, name: str = "") -> None:
        self.model, self.told = name, []  # type: ignore[var-annotated]

    @property
    def is_alive(self) -> bool:
        return "given up" not in self.told

    def begin_to_load(self, model: Path) -> None:
        self.model = model.name.partition(".")[0]
        self.told.append("load")

    def has_loaded(self, other: Rasa | None = None) -> bool:
        return True

    def serve(self) -> None:
        self.told.append("serve")

    def end(self, seconds: float) -> bool:
        self.told.append("end")
        return True

    def give_up(self) -> str:
        self.told.append("given up")
        return self.model


def test_the_model_before_is_loaded_for_a_while_and_then_only_told_to_serve(
    actions: Actions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, started = 1_000.0, []
    monkeypatch.setattr(following.time, "monotonic", lambda: now)

    def new() -> Rasa:
        started.append(Loads())
        return started[-1]

    a, b, c = (tmp_path / f"{name}.tar.gz" for name in "abc")
    a.write_bytes(b"")
    b.write_bytes(b"")
    servers: list[Rasa] = [Loads("a")]
    found, way_back = published(actions, tmp_path), WayBack(new)
    following._turn(servers, new, b, found, way_back)
    in_use, kept = started
    assert (in_use.told, kept.model, kept.told) == (["load", "serve"], "a", ["load"])
    way_back.end_when_due()
    following._turn(servers, new, a, found, way_back)
    assert (servers[-1], kept.told, len(started)) == (kept, ["load", "serve"], 3)
    assert started[-1].model == "b"
    now += READY_FOR
    way_back.end_when_due()
    assert started[-1].told == ["load", "given up"]
    following._turn(servers, new, b, found, way_back)
    following._turn(servers, new, c, found, way_back)  # the kept one would be a third
    assert [each.told[-1] for each in started[3:]] == ["end", "given up", "serve", "load"]


def test_the_model_in_use_stays_on_the_disk_for_the_way_back(
    actions: Actions, tmp_path: Path
) -> None:
    for name in ("in-use", "older"):
        (tmp_path / f"{name}.tar.gz").write_bytes(b"")
    assert published(actions, tmp_path).newer_than("in-use")
    names = {file.name for file in tmp_path.iterdir()}
    assert names == {"in-use.tar.gz", f"{SHA256}.tar.gz"}


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
