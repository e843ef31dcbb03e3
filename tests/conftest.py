"""Fixtures of every test: the service's real directory."""

import pytest
from hypothesis import HealthCheck, settings

from intercup.domain.directory import Directory
from intercup.services.structures.structures_file import load_directory
from tests.support.paths import ROOT

# A busy machine is no fault of the code: a test as a whole has pytest's time limit.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

# A file runs in one process: the longest begin first, so that none remains alone at the end.
LONGEST = (
    "tests/e2e/test_pages.py",
    "tests/conversations/test_conversations.py",
    "tests/faults/test_small_requests.py",
    "tests/conformance/",
    "tests/conversations/test_fourth_category.py",
    "tests/service/",
    "tests/cells/",
    "tests/faults/",
    "tests/e2e/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first and leave the others as they are."""
    places = range(len(LONGEST))
    items.sort(
        key=lambda item: next(
            (place for place in places if item.nodeid.startswith(LONGEST[place])), len(LONGEST)
        )
    )


@pytest.fixture(scope="session")
def directory() -> Directory:
    return load_directory(ROOT / "config" / "structures.yaml")
