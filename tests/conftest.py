"""Fixtures of every test: the service's real directory."""

import pytest

from intercup.domain.directory import Directory
from intercup.services.structures.structures_file import load_directory
from tests.support.paths import ROOT


@pytest.fixture(scope="session")
def directory() -> Directory:
    return load_directory(ROOT / "config" / "structures.yaml")
