import logging
from pathlib import Path

import pytest

from intercup.private_files import UMASK, make_private


def test_files_that_were_there_are_closed_and_it_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = tmp_path / "var"
    (data / "mailbox").mkdir(parents=True)
    for folder in (data, data / "mailbox"):
        folder.chmod(0o755)
    for name in ("intercup.db", "intercup.db-journal", "mailbox/1.eml"):
        (data / name).touch()
        (data / name).chmod(0o644)
    with caplog.at_level(logging.WARNING):
        make_private([data])
    assert [path for path in (data, *data.rglob("*")) if path.stat().st_mode & UMASK] == []
    assert "permissions corrected: 5 files" in caplog.text
    caplog.clear()
    make_private([data, tmp_path / "missing"])
    assert caplog.text == ""


def test_a_link_is_not_followed_out_of_the_folder(tmp_path: Path) -> None:
    outside, data = tmp_path / "outside", tmp_path / "var"
    (outside / "sub").mkdir(parents=True)
    (outside / "sub").chmod(0o755)
    data.mkdir(mode=0o700)
    (data / "link").symlink_to(outside)
    make_private([data])
    assert (outside / "sub").stat().st_mode & UMASK
