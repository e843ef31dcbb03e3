"""The priority of a start beside another server."""

import os

import pytest
from engine.beside import NICE, preparation


@pytest.mark.parametrize(("gives_way", "steps"), [(True, NICE), (False, 0)])
def test_only_the_thread_that_prepares_gives_way(gives_way: bool, steps: int) -> None:
    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, 0)

    own = priority()
    with preparation(gives_way) as preparing:
        assert preparing.submit(priority).result() == own + steps
    assert priority() == own
