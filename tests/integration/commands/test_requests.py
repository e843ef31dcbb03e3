"""`intercup requests`: a request looked at and its text opened, logged as on its page."""

import asyncio
import subprocess
from pathlib import Path

from intercup.commands.terminal import operator
from intercup.db.engine import Database
from intercup.domain.directory import Directory
from intercup.texts import TEXTS
from tests.support.commands import run_command
from tests.support.desk import logged
from tests.support.made_requests import AGATA, TEXT, submit

REASON = "il cittadino ha telefonato"


async def test_a_text_opens_only_if_switched_on_and_for_a_reason_that_is_logged(
    database: Database, sqlite_url: str, directory: Directory, tmp_path: Path
) -> None:
    number = (await submit(database, directory)).number
    place = {"INTERCUP_DATA_DIR": str(tmp_path), "INTERCUP_DATABASE_URL": sqlite_url}

    async def open_text(of: str, reason: str, **more: str) -> subprocess.CompletedProcess[str]:
        typed = f"{reason}\n"
        settings = place | more
        return await asyncio.to_thread(run_command, "requests", "text", of, typed=typed, **settings)

    off = await open_text(number, REASON)
    assert (off.returncode, TEXT in off.stdout, "desk_shows_texts" in off.stderr) == (
        2,
        False,
        True,
    )
    on = {"INTERCUP_DESK_SHOWS_TEXTS": "true"}
    short = await open_text(number, "perché", **on)
    assert (short.returncode, TEXTS("desk_problem.reason") in short.stderr) == (2, True)
    assert (await open_text("IC-0000-0000-0000", REASON, **on)).returncode == 1
    assert await logged(database) == []
    opened = await open_text(number.lower(), REASON, **on)
    assert (opened.returncode, TEXT in opened.stdout, AGATA.surname in opened.stdout) == (
        0,
        True,
        False,
    )
    assert await logged(database) == [(operator(), "text_opened", number, REASON)]


async def test_a_look_at_a_request_is_logged_as_on_its_page(
    database: Database, sqlite_url: str, directory: Directory, tmp_path: Path
) -> None:
    number = (await submit(database, directory)).number
    place = {"INTERCUP_DATA_DIR": str(tmp_path), "INTERCUP_DATABASE_URL": sqlite_url}
    for of, status in (("IC-0000-0000-0000", 1), (number, 0)):
        shown = await asyncio.to_thread(run_command, "requests", "show", of, **place)
        assert shown.returncode == status
    assert await logged(database) == [(operator(), "request_seen", number, "")]
