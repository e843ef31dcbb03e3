"""The public conformance tool, in its own environment, against a real web process."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from aiohttp.test_utils import unused_port

from tests.support.paths import ROOT

TOOLS = Path(__file__).parent / ".venv" / "bin"
TOOL_IDP = "https://localhost:8443"  # the entityID of the identity provider that the tool plays
START_LIMIT = 30.0  # seconds
RUN_LIMIT = 240.0  # seconds; a run takes 20, on a busy machine 90
# No proxy listens there: whatever the tool would fetch from elsewhere fails at once.
NOWHERE = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
OFFLINE = NOWHERE | {"no_proxy": "127.0.0.1"}


@dataclass(frozen=True)
class Outcome:
    """The summary of a run of the tool, and each of its checks."""

    executed: int
    failed: int
    warnings: int
    checks: dict[str, list[dict[str, str]]]  # by category

    @property
    def totals(self) -> tuple[int, int, int]:
        return self.executed, self.failed, self.warnings

    def statuses(self) -> dict[str, int]:
        """Return the HTTP status that each response got, by the response's number."""
        found = {}
        for check in self.checks["response"]:
            status = re.search(r"status_code: (\d+)", check["value"])
            assert status, check
            found[str(check["test_id"])] = int(status[1])
        return found


def run_tool(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the tool's environment, which `make conformance` prepares."""
    program = TOOLS / name
    if not program.exists():
        pytest.fail(f"{name} manca: eseguire `make conformance`")
    return subprocess.run(
        [program, *arguments],
        env=os.environ | OFFLINE,
        capture_output=True,
        text=True,
        timeout=RUN_LIMIT,
    )


def check_service(url: str, scheme: str, profile: str, report: Path) -> Outcome:
    """Run metadata, request and response checks; a failed check doesn't raise."""
    done = run_tool(
        "spid_sp_test",
        *("--metadata-url", f"{url}/{scheme}/metadata"),
        *("--authn-url", f"{url}/spid/login?idp={TOOL_IDP}"),
        *("--profile", profile, "--extra", "-tr", "-rf", "json", "-o", str(report)),
    )
    said = re.search(r"executed (\d+) tests, (\d+) failed. (\d+) warnings", done.stdout)
    assert said, done.stdout + done.stderr
    categories = json.loads(report.read_text("utf-8"))["test"]["sp"]
    checks = {
        category.partition("_")[0]: [check for found in classes.values() for check in found]
        for category, classes in categories.items()
    }
    executed, failed, warnings = map(int, said.groups())
    return Outcome(executed, failed, warnings, checks)


@contextmanager
def web_process(data_dir: Path, scheme: str, **settings: str) -> Iterator[str]:
    """Run `intercup web` with keys of its own and the tool as its only identity provider."""
    port = unused_port()
    url = f"http://127.0.0.1:{port}"
    providers = data_dir / scheme / "providers"
    providers.mkdir(parents=True)
    (providers / "tool.xml").write_text(_metadata_of_the_tool(), "utf-8")
    environment = os.environ | {
        "INTERCUP_DATA_DIR": str(data_dir),
        "INTERCUP_HTTP_PORT": str(port),
        "INTERCUP_BASE_URL": url,
        "INTERCUP_CIE_ENTITY_ID": f"{url}/cie" if scheme == "cie" else "",
        **{f"INTERCUP_{name.upper()}": value for name, value in settings.items()},
    }
    intercup = [sys.executable, "-m", "intercup.commands.main"]
    subprocess.run([*intercup, "migrate"], cwd=ROOT, env=environment, check=True)
    with (data_dir / "web.log").open("wb") as log:
        process = subprocess.Popen(
            [*intercup, "web"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        _wait_for(f"{url}/{scheme}/metadata", data_dir / "web.log")
        yield url
    finally:
        process.terminate()
        process.wait(START_LIMIT)


@cache
def _metadata_of_the_tool() -> str:
    return run_tool("spid_sp_test", "--idp-metadata").stdout


def _wait_for(url: str, log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 (loopback)
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(log.read_text("utf-8", "replace"))
