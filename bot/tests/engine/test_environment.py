import re
from importlib.metadata import distributions
from pathlib import Path

LOCK = Path(__file__).parents[2] / "uv.lock"


def test_nothing_is_installed_that_the_lock_file_does_not_name() -> None:
    locked = set(re.findall(r'^name = "(.+)"$', LOCK.read_text(), re.MULTILINE))
    installed = {re.sub(r"[-_.]+", "-", d.metadata["Name"]).lower() for d in distributions()}
    assert "rasa" in installed
    assert installed <= locked
