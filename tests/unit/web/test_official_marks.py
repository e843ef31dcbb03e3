"""The official marks of SPID, CIE and the providers: shown where `make marks` has taken them."""

from pathlib import Path

import pytest

from intercup.web.login import official_mark
from tests.support.paths import ROOT

MARKS = ROOT / "web-widget/dist/marks"


def test_a_mark_is_found_by_scheme_or_by_the_host_of_the_provider(tmp_path: Path) -> None:
    (tmp_path / "marks").mkdir()
    for name in ("spid", "id.example.it"):
        (tmp_path / f"marks/{name}.svg").touch()
    (tmp_path / "other.svg").touch()
    assert official_mark(tmp_path, "spid") == "marks/spid.svg"
    assert official_mark(tmp_path, "https://id.example.it/idp/x") == "marks/id.example.it.svg"
    for unknown in ("cie", "https://other.example.it", "urn:x", "https://", "https://../other"):
        assert official_mark(tmp_path, unknown) is None, unknown


@pytest.mark.skipif(not (MARKS / "spid.svg").exists(), reason="`make marks` had no network")
def test_the_marks_are_pictures_without_programs() -> None:
    files = {path.stem: path.read_text("utf-8") for path in MARKS.glob("*.svg")}
    assert {"spid", "cie", "posteid.poste.it", "loginspid.aruba.it"} <= set(files)
    for name, text in files.items():
        assert "<svg" in text and "<script" not in text and 'href="http' not in text, name
