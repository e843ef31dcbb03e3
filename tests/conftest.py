"""Fixtures of every test: the service's real directory."""

import pytest
from hypothesis import HealthCheck, settings

from intercup.domain.directory import Directory
from intercup.services.structures.structures_file import load_directory
from tests.support.paths import ROOT

# A busy machine is no fault of the code: a test as a whole has pytest's time limit.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


@pytest.fixture(scope="session")
def directory() -> Directory:
    return load_directory(ROOT / "config" / "structures.yaml")
