"""Limits on event streams open at once."""

from contextlib import ExitStack

import pytest

from intercup.errors import TooMany
from intercup.web.streams import OF_SESSION, Streams


def test_one_stream_too_many_of_a_session_ends_its_oldest() -> None:
    streams = Streams(100)
    with ExitStack() as stack:
        ends = [stack.enter_context(streams.one("a", "ip")) for _ in range(OF_SESSION + 2)]
        assert [end.is_set() for end in ends] == [True, True] + [False] * OF_SESSION


def test_one_stream_too_many_of_an_address_is_refused_until_another_is_closed() -> None:
    streams = Streams(3)
    with ExitStack() as stack:
        for session in "abc":
            stack.enter_context(streams.one(session, "ip"))
        with pytest.raises(TooMany) as refused, streams.one("d", "ip"):
            pass
        assert refused.value.retry_after
        stack.enter_context(streams.one("d", "another"))
    with streams.one("d", "ip"):
        pass


def test_closed_streams_leave_nothing_behind() -> None:
    streams = Streams(1_000)
    for number in range(100):
        with ExitStack() as stack:
            for _ in range(OF_SESSION + 1):
                stack.enter_context(streams.one(str(number), str(number)))
    assert not streams._of_session
    assert not streams._of_address
