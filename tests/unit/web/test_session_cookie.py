"""Cookies are read from the header in time linear to it, whatever other cookies it holds."""

import time
from http.cookies import SimpleCookie

from aiohttp.test_utils import make_mocked_request

from intercup.web.session_cookie import cookie_of
from tests.support.paths import ROOT

HEAD_MAX = 8_190  # characters of a header, by aiohttp


def test_a_cookie_is_found_among_others() -> None:
    ours = SimpleCookie({"intercup-rating": "rating=4&rating_key=k"})["intercup-rating"]
    header = f'altro=a b; x="1; {ours.OutputString()} ;intercup=segreto; intercup=secondo; y'
    request = make_mocked_request("GET", "/", headers={"Cookie": header})
    assert cookie_of(request, "intercup") == "segreto"
    assert cookie_of(request, "intercup-rating") == "rating=4&rating_key=k"
    assert cookie_of(request, "y") == ""
    assert cookie_of(request, "z") is None
    assert cookie_of(make_mocked_request("GET", "/"), "intercup") is None


def test_the_costliest_header_takes_no_time() -> None:
    for unit in ("/ ", " day day", "M;", " =", '"'):
        header = (unit * HEAD_MAX)[:HEAD_MAX]
        request = make_mocked_request("GET", "/", headers={"Cookie": header})
        started = time.process_time()
        for _ in range(10):
            cookie_of(request, "intercup")
        assert time.process_time() - started < 0.1, unit  # aiohttp's own reader: 0.3 to 1


def test_nobody_uses_the_slow_reader() -> None:
    code = (ROOT / "intercup/web").glob("*.py")
    assert [path.name for path in code if "request.cookies" in path.read_text("utf-8")] == []
