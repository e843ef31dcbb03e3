"""What every test may use: the real directory of the service."""

import pytest

from intercup.domain.directory import Directory
from intercup.services.structures.structures_file import load_directory
from tests.support.paths import ROOT


@pytest.fixture(scope="session")
def directory() -> Directory:
    return load_directory(ROOT / "config" / "structures.yaml")
