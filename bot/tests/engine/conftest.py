"""A small Rasa project trained with our own configuration once a change of its sources."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from engine.launcher import ENVIRONMENT
from engine.training import sources_fingerprint
from engine.without_tensorflow import leave_out_tensorflow

# Before any import of Rasa, as the launcher does.
os.environ.update(ENVIRONMENT)
os.environ["INTERCUP_ACTIONS_WEBHOOK"] = "http://127.0.0.1:1/webhook"
leave_out_tensorflow()

import pytest  # noqa: E402
from rasa.core.agent import Agent  # noqa: E402

HERE = Path(__file__).parent
BOT = HERE.parent.parent
KEPT = BOT.parent / "var/engine-project"  # the trained project of the last run


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rasa") / "project"
    shutil.copytree(HERE / "project", folder)
    for name in ("config.yml", "endpoints.yml", "credentials.yml"):
        shutil.copy(BOT / name, folder)
    kept = KEPT / f"{sources_fingerprint(BOT)[:16]}-{sources_fingerprint(folder)[:16]}"
    if not kept.exists():
        subprocess.run(
            [sys.executable, "-m", "engine.launcher", "--project", str(folder), "train"],
            cwd=BOT,
            check=True,
            timeout=120,
        )
        shutil.rmtree(KEPT, ignore_errors=True)
        shutil.copytree(folder, KEPT / "new")
        (KEPT / "new").rename(kept)
    shutil.copytree(kept, folder, dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def agent(project: Path) -> Agent:
    return Agent.load(str(project / "models"))


@pytest.fixture(autouse=True)
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let components trained by a test leave their weights in a folder of its own."""
    monkeypatch.chdir(tmp_path)
