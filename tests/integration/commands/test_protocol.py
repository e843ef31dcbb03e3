"""`intercup protocol`: the register's numbers come and go as CSV."""

import csv
import io
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from intercup.db.engine import Database
from intercup.db.tables import Request
from intercup.domain.directory import Directory
from intercup.domain.italian_time import ROME
from tests.support.commands import run_command
from tests.support.desk import logged
from tests.support.made_requests import ROSARIO, submission, submit

pytestmark = pytest.mark.both_databases


@pytest.fixture
def today() -> datetime:
    return datetime.now(ROME)


@pytest.fixture
def day(today: datetime) -> str:
    return f"{today:%Y-%m-%d}"


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> dict[str, str]:
    return {"INTERCUP_DATA_DIR": str(tmp_path), "INTERCUP_DATABASE_URL": database_url}


def run(settings: dict[str, str], *arguments: str, typed: str = "") -> tuple[int, str, str]:
    done = run_command("protocol", *arguments, typed=typed, **settings)
    return done.returncode, done.stdout, done.stderr


async def stored(database: Database, number: str) -> tuple[str | None, str | None]:
    async with database.read() as reading:
        row = await reading.get_one(Request, number)
        return row.protocol_number, row.protocol_day


async def test_the_list_of_those_without_a_number_comes_back_filled_in(
    database: Database, directory: Directory, settings: dict[str, str], today: datetime, day: str
) -> None:
    first = (await submit(database, directory)).number
    second = (await submit(database, directory, submission(citizen=ROSARIO))).number
    _, listed, _ = run(settings, "missing")
    rows = list(csv.DictReader(io.StringIO(listed), delimiter=";"))
    assert [row["richiesta"] for row in rows] == [first, second]
    assert rows[0]["ufficio"] == "ASP Trapani - Assistenza tecnica"
    assert "Agata" not in listed and "Rosario" not in listed

    filled = listed.replace(f"{first};;", f"{first.lower()}; 0012345 ;{today:%d/%m/%Y}")
    status, said, _ = run(settings, "import", typed="\ufeff" + filled)
    assert (status, "numeri registrati: 1" in said, "senza numero: 1" in said) == (0, True, True)
    assert await stored(database, first) == ("0012345", day)
    assert await stored(database, second) == (None, None)
    assert first not in run(settings, "missing")[1]
    assert [entry[1:] for entry in await logged(database)] == [("protocol_set", first, "")]


async def test_the_same_line_again_changes_nothing_and_another_number_only_if_it_is_wanted(
    database: Database, directory: Directory, settings: dict[str, str], day: str
) -> None:
    number = (await submit(database, directory)).number
    for replacing, protocol, status, kept in (
        ((), "1/2026", 0, "1/2026"),
        ((), "1/2026", 0, "1/2026"),
        ((), "2/2026", 1, "1/2026"),
        (("--replace",), "2/2026", 0, "2/2026"),
    ):
        done = run(settings, "import", *replacing, typed=f"{number};{protocol};{day}\n")
        assert (done[0], await stored(database, number)) == (status, (kept, day)), done
    actions = [action for _, action, *_ in await logged(database)]
    assert actions == ["protocol_set", "protocol_replaced"]


async def test_a_refused_line_is_named_and_stops_no_other(
    database: Database,
    directory: Directory,
    settings: dict[str, str],
    tmp_path: Path,
    today: datetime,
    day: str,
) -> None:
    number = (await submit(database, directory)).number
    refused = {
        f"IC-0000-0000-0000;7;{day}": "nessuna richiesta",
        f"{number};7;ieri": "non si leggono",
        f"{number};;{day}": "non si leggono",
        f"{number};=HYPERLINK(1);{day}": "non si leggono",
        f"{number};7;{today - timedelta(3):%Y-%m-%d}": "prima della richiesta",
        f"{number};7;{today + timedelta(3):%Y-%m-%d}": "futura",
    }
    file = tmp_path / "protocolli.csv"
    file.write_text("\n".join([*refused, f"{number};8;{day}"]), "utf-8")
    status, _, errors = run(settings, "import", str(file))
    assert (status, await stored(database, number)) == (1, ("8", day))
    lines = errors.splitlines()
    assert len(lines) == len(refused)
    assert all(words in line for words, line in zip(refused.values(), lines, strict=True))


@pytest.mark.parametrize(
    ("first", "about"),
    [
        ("IC-0000-0000-0000", " (IC-0000-0000-0000)"),
        ("Agata Lo Presti", ""),
        ("RSSMRA80A01H501U", ""),
        ("IC-0000-0000-0000 Agata", ""),
    ],
)
async def test_a_refused_line_is_named_by_its_number_and_its_fields_stay_unsaid(
    database: Database, settings: dict[str, str], day: str, first: str, about: str
) -> None:
    typed = f"richiesta;protocollo;data\n\n{first};7;ieri\n{first};7;{day}\n"
    status, _, errors = run(settings, "import", typed=typed)
    assert (status, [line.rpartition(": ")[0] for line in errors.splitlines()]) == (
        1,
        [f"errore: riga 3{about}", f"errore: riga 4{about}"],
    )


async def test_a_file_that_is_no_csv_changes_nothing(settings: dict[str, str]) -> None:
    status, _, errors = run(settings, "import", typed='IC-1;"aperto\n')
    assert (status, "serve un file CSV" in errors) == (2, True)
