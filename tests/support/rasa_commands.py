"""Rasa's own commands in bot/, as a developer types them, and what each must say.

`make rasa-commands` runs all of them, with one training.
"""

import argparse
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.support.paths import ROOT
from tests.support.ports import free_port

BOT = ROOT / "bot"
MODEL = BOT / "models/intercup.tar.gz"
SECONDS = 3600.0  # `rasa test` reads all sentences of the training: 20 min beside other work
SECRET = "of the actions of these commands"


def sentences_in(*files: Path) -> set[tuple[str, str]]:
    """Return the sentences of training files in YAML, each with its intent."""
    return {
        (block["intent"], line.removeprefix("-").strip())
        for file in files
        for block in yaml.load(file.read_text("utf-8"), yaml.CSafeLoader).get("nlu", ())
        if "intent" in block
        for line in block["examples"].splitlines()
    }


def _splits_all(folder: Path) -> bool:
    """Return True if each sentence is in one of the two parts, a fifth of them in the test's."""
    training = sentences_in(folder / "split/training_data.yml")
    test = sentences_in(folder / "split/test_data.yml")
    every = sentences_in(*(BOT / "data").rglob("*.yml"))
    return training | test == every and not training & test and 4 < len(every) / len(test) < 6


def _converts_all(folder: Path) -> bool:
    """Return True if the JSON holds the sentences of the YAML."""
    content = json.loads((folder / "nlu.json").read_text("utf-8"))["rasa_nlu_data"]
    found = {(each["intent"], each["text"]) for each in content["common_examples"]}
    return found == sentences_in(BOT / "data/nlu.yml")


def _draws_all(folder: Path) -> bool:
    """Return True if the graph has a node for each action of the rules; none waits."""
    graph = (folder / "graph.html").read_text("utf-8")
    rules = yaml.safe_load((BOT / "data/rules.yml").read_text("utf-8"))["rules"]
    actions = {step["action"] for rule in rules for step in rule["steps"] if "action" in step}
    return all(f"label={name}]" in graph for name in actions - {"action_listen"})


@dataclass(frozen=True)
class RasaCommand:
    """A command with its keyboard input, and what it must say or write.

    `says` is a pattern of its output, `wrote` looks at its files. A command without an exit status
    runs until it is stopped. Each line is typed after `types_at` has come once more.
    """

    line: str
    says: str
    status: int | None = 0
    types: tuple[str, ...] = ()
    types_at: str = ""
    wrote: Callable[[Path], bool] | None = None


COMMANDS = (
    RasaCommand("run actions", r"\.venv/bin/intercup actions", status=1),
    RasaCommand("export", r"Could not find an `event_broker` section", status=1),
    RasaCommand("data validate", r"No story structure conflicts found"),
    RasaCommand("data split nlu --out {tmp}/split", "", wrote=_splits_all),
    RasaCommand(
        "data convert nlu -f json --data data/nlu.yml --out {tmp}/nlu.json",
        "",
        wrote=_converts_all,
    ),
    RasaCommand(
        "data migrate -d domain.yml --out {tmp}/domain.yml",
        r"already been migrated to Rasa 3\.0",
        status=1,
    ),
    RasaCommand("visualize --out {tmp}/graph.html", r"Finished graph creation", wrote=_draws_all),
    RasaCommand("test core --e2e --stories tests --out {tmp}/core", r"Correct: +(\d+) / \1\b"),
    RasaCommand("test nlu --nlu tests/nlu_test.yml --out {tmp}/nlu", r"Intent evaluation results"),
    RasaCommand("test --out {tmp}/all", r"Correct: +(\d+) / \1\b[\s\S]*Intent evaluation results"),
    RasaCommand(
        "shell nlu",
        r'"name": "greet"',
        types=("buongiorno",),
        types_at="Next message",
        status=None,
    ),
    RasaCommand(
        "shell --conversation-id probe-shell --endpoints {endpoints}",
        r"un programma automatico",
        types=("chi sei, una persona?",),
        types_at="Your input",
        status=None,
    ),
    RasaCommand(
        "interactive --model models/intercup.tar.gz --skip-visualization --endpoints {endpoints}"
        " --conversation-id probe-interactive",
        r"Your input",
        status=None,
    ),
    RasaCommand("run -i 127.0.0.1 -p {port}", r"Rasa server is up and running", status=None),
    RasaCommand(
        "run --enable-api -i 127.0.0.1 -p {port}", r"Rasa server is up and running", status=None
    ),
    RasaCommand("train", r"trained and saved at 'models/\d+"),
)


def run(
    command: RasaCommand, folder: Path, variables: Mapping[str, str] | None = None
) -> tuple[str, int | None]:
    """Run a command at a terminal until it ends or has said its pattern.

    `variables` are of the environment, instead of the secret. Return its output and exit status.
    """
    line = command.line.format(tmp=folder, port=free_port(), endpoints=folder / "endpoints.yml")
    ours, theirs = pty.openpty()
    environment = os.environ | {
        "PATH": f"{ROOT / '.venv-bot/bin'}:{os.environ['PATH']}",
        "RASA_TELEMETRY_ENABLED": "false",
        "COLUMNS": "200",
        "TERM": "xterm",
    }
    environment |= variables or {"INTERCUP_RASA_SECRET": SECRET}
    process = subprocess.Popen(
        ["rasa", *line.split()],
        cwd=BOT,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        start_new_session=True,
        executable=str(ROOT / ".venv-bot/bin/rasa"),
    )
    os.close(theirs)
    try:
        said = _listen(command, ours, time.monotonic() + SECONDS)
    finally:
        if command.status is None:
            os.killpg(process.pid, signal.SIGKILL)
        status = process.wait(SECONDS)
        os.close(ours)
    return said, None if command.status is None else status


def _listen(command: RasaCommand, terminal: int, end: float) -> str:
    said, typed = "", 0
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1.0)[0]:
            continue
        try:
            part = os.read(terminal, 65536)
        except OSError:  # Linux, when the program has ended.
            break
        if not part:
            break
        said += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", part.decode("utf-8", "replace"))
        if typed < len(command.types) and said.count(command.types_at) > typed:
            os.write(terminal, f"{command.types[typed]}\n".encode())
            typed += 1
        is_typed = typed == len(command.types)
        if command.status is None and is_typed and re.search(command.says, said):
            break
    return said


@contextmanager
def actions_in(folder: Path) -> Iterator[None]:
    """Serve the actions on a free port, with an endpoints.yml that names it."""
    port = free_port()
    endpoints = (BOT / "endpoints.yml").read_text("utf-8").replace(":5055", f":{port}")
    (folder / "endpoints.yml").write_text(endpoints, "utf-8")
    environment = os.environ | {
        "INTERCUP_DATA_DIR": str(folder / "var"),
        "INTERCUP_ACTIONS_URL": f"http://127.0.0.1:{port}",
        "INTERCUP_RASA_SECRET": SECRET,
    }
    command = [sys.executable, "-m", "intercup.commands.main"]
    subprocess.run([*command, "migrate"], env=environment, cwd=ROOT, check=True)
    serving = subprocess.Popen([*command, "actions"], env=environment, cwd=ROOT)
    try:
        yield
    finally:
        serving.terminate()
        serving.wait(30)


def problem_of(command: RasaCommand, folder: Path) -> str | None:
    """Run a command and say how it failed, if so."""
    said, status = run(command, folder)
    if status != command.status or not re.search(command.says, said):
        return f"rasa {command.line}: status {status}, said:\n{said[-2000:]}"
    if command.wrote and not command.wrote(folder):
        return f"rasa {command.line}: what it wrote isn't whole"
    return None


def main() -> int:
    """Run the commands whose line contains the argument, all without one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("word", nargs="?", default="")
    word = parser.parse_args().word
    in_use, before = MODEL.read_bytes(), set(MODEL.parent.iterdir())
    failed = shown = 0
    with tempfile.TemporaryDirectory() as name, actions_in(Path(name)):
        for command in COMMANDS:
            if word not in command.line:
                continue
            started = time.monotonic()
            problem = problem_of(command, Path(name))
            seconds = time.monotonic() - started
            verdict = "no" if problem else "ok"
            shown += not problem
            print(f"{verdict}  rasa {command.line}  ({seconds:.0f} s)", flush=True)  # noqa: T201
            if problem:
                failed += 1
                print(problem, file=sys.stderr)  # noqa: T201
    for candidate in set(MODEL.parent.iterdir()) - before:
        candidate.unlink() if candidate.is_file() else shutil.rmtree(candidate)
    if MODEL.read_bytes() != in_use:
        failed += 1
        print("rasa train has replaced the model in use", file=sys.stderr)  # noqa: T201
    print(f"{shown} of {shown + failed} shown")  # noqa: T201
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
