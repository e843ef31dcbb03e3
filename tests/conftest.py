"""What every test may use: the real directory of the service."""

from pathlib import Path

import pytest

from intercup.directory_file import load_directory
from intercup.domain.directory import Directory

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def directory() -> Directory:
    return load_directory(ROOT / "config" / "structures.yaml")
