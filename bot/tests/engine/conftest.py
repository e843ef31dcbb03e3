"""A small Rasa project trained once with our own configuration, and the servers to run it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from engine.launcher import ENVIRONMENT
from engine.without_tensorflow import leave_out_tensorflow

# Before any import of Rasa, as the launcher does.
os.environ.update(ENVIRONMENT)
os.environ["INTERCUP_ACTIONS_WEBHOOK"] = "http://127.0.0.1:1/webhook"
leave_out_tensorflow()

import pytest  # noqa: E402
from rasa.core.agent import Agent  # noqa: E402

HERE = Path(__file__).parent
BOT = HERE.parent.parent


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rasa") / "project"
    shutil.copytree(HERE / "project", folder)
    for name in ("config.yml", "endpoints.yml", "credentials.yml"):
        shutil.copy(BOT / name, folder)
    subprocess.run(
        [sys.executable, "-m", "engine.launcher", "--project", str(folder), "train"],
        cwd=BOT,
        check=True,
        timeout=120,
    )
    return folder


@pytest.fixture(scope="session")
def agent(project: Path) -> Agent:
    return Agent.load(str(project / "models"))
