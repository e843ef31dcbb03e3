"""Fixtures of every test: the service's real directory."""

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from intercup.domain.directory import Directory
from intercup.services.structures.structures_file import load_directory
from tests.support.paths import ROOT
from tests.support.running_service import end_shared_services

# A busy machine is no fault of the code: a test as a whole has pytest's time limit.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

# Files of a group share a running service, which the group's process starts once and then ends.
GROUPS = {
    "killed": (
        "tests/service/test_parts_that_",
        "tests/service/test_releases.py",
        "tests/service/test_trace.py",
        "tests/e2e/test_widget_failures.py",
    ),
    "spoken to": ("tests/service/", "tests/faults/test_costly_messages.py"),
    "looked at": (
        "tests/conversations/test_conversations.py",
        "tests/conversations/test_every_mailbox.py",
        "tests/e2e/test_widget_",
        "tests/e2e/test_chat_",
        "tests/e2e/test_home_to_mailbox.py",
        "tests/e2e/test_launcher_covers.py",
        "tests/e2e/test_page_facts.py",
        "tests/e2e/test_session_end.py",
        "tests/e2e/test_without_javascript.py",
    ),
}
# The longest begin first, so that none remains alone at the end.
LONGEST = (
    "tests/e2e/test_pages.py",
    "looked at",
    "spoken to",
    "killed",
    "tests/faults/test_small_requests.py",
    "tests/conformance/",
    "tests/conversations/",
    "tests/cells/",
    "tests/faults/",
    "tests/e2e/",
)


def group_of(nodeid: str) -> str:
    """Return the group of a test's file, or the file alone."""
    file = nodeid.partition("::")[0]
    return next((name for name, files in GROUPS.items() if file.startswith(files)), file)


class ByGroup(LoadScopeScheduling):
    """Run each group of files, and each other file, in one process."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByGroup | None:
    return ByGroup(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest groups and files first and leave the others as they are."""
    places = range(len(LONGEST))

    def place_of(item: pytest.Item) -> int:
        group = group_of(item.nodeid)
        return next((n for n in places if group.startswith(LONGEST[n])), len(LONGEST))

    items.sort(key=place_of)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """End the services of a group after its last test."""
    if nextitem is None or group_of(nextitem.nodeid) != group_of(item.nodeid):
        end_shared_services()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Leave garbage alone during collection, and what is collected out of every later search."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    """Take back what a command sets in this process: a mail server as another user reads files."""
    before = os.umask(0)
    os.umask(before)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def directory() -> Directory:
    return load_directory(ROOT / "config" / "structures.yaml")
