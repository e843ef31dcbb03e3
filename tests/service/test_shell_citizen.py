"""A whole request in `rasa shell`, as the test citizen of `intercup actions --test-citizen`."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from intercup.db.engine import Database
from intercup.db.tables import Delivery, Request
from tests.support.paths import ROOT
from tests.support.rasa_commands import RasaCommand, run

SAYS = "non riesco a prenotare al Papardo, esce errore 500"
NUMBER = r"IC(-[0-9A-Z]{4}){3}"


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[list[str]]:
    """The arguments of `rasa shell` that the command prints."""
    environment = os.environ | {"INTERCUP_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "intercup.commands.main"]
    subprocess.run([*command, "migrate"], env=environment, cwd=ROOT, check=True)
    with subprocess.Popen(
        [*command, "actions", "--test-citizen", "agata"],
        env=environment | {"PYTHONUNBUFFERED": "1"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as serving:
        assert serving.stdout is not None
        printed = ""
        while "model.tar.gz" not in printed:
            line = serving.stdout.readline()
            assert line, printed
            printed += line
        yield printed.partition("INTERCUP_RASA_SECRET_FILE=")[2].replace("\\", "").split()
        serving.terminate()


async def test_a_test_citizen_sends_a_request_from_rasas_own_terminal(
    talk: list[str], tmp_path: Path
) -> None:
    secret, _rasa, *words = talk
    typed = (SAYS, "sì, va bene", "accetto", "accetto", "invia")
    shell = RasaCommand(" ".join(words), NUMBER, status=None, types=typed, types_at="Your input")
    said, _ = run(shell, tmp_path, {"INTERCUP_RASA_SECRET_FILE": secret})
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'intercup.db'}")
    try:
        async with database.read() as reading:
            requests = (await reading.scalars(select(Request))).all()
            mails = (await reading.scalars(select(Delivery))).all()
    finally:
        await database.close()
    assert len(requests) == 1, said
    (request,) = requests
    assert request.number in said
    assert request.structure == "ao_papardo"
    assert [SAYS.encode() in mail.raw for mail in mails] == [True, True]
