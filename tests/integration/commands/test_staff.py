"""`intercup staff`: people come and go by fiscal code, which is stored nowhere."""

from pathlib import Path

from intercup.db.engine import Database
from tests.support.commands import run_command
from tests.support.desk import logged

CODE = "LPRGTA82B45C351V"


def run(folder: Path, *arguments: str, typed: str = "") -> tuple[int, str]:
    done = run_command("staff", *arguments, typed=typed, INTERCUP_DATA_DIR=str(folder))
    return done.returncode, done.stdout + done.stderr


async def test_a_person_is_added_listed_and_removed(database: Database, tmp_path: Path) -> None:
    assert run(tmp_path, "add", "Rosa", "dialogue", "staff", typed="x\n")[0] == 2
    assert "aggiunta" in run(tmp_path, "add", "Rosa", "dialogue", "staff", typed=f"{CODE}\n")[1]
    assert "cambiata" in run(tmp_path, "add", "Rosa", "staff", typed=f"{CODE.lower()}\n")[1]
    status, said = run(tmp_path, "add", "Rosa", "staff", typed="CSMSVT67T30D423T\n")
    assert (status, "già questo nome" in said) == (1, True)
    assert "Rosa  staff  dal " in run(tmp_path, "list")[1]
    assert run(tmp_path, "remove", "Rosa")[0] == 0
    assert run(tmp_path, "remove", "Rosa")[0] == 1
    assert "persona tolta  Rosa" in run(tmp_path, "log")[1]
    assert [entry[1:] for entry in await logged(database)] == [
        ("staff_added", "Rosa", "dialogue staff"),
        ("staff_added", "Rosa", "staff"),
        ("staff_removed", "Rosa", ""),
    ]
    assert CODE.encode() not in (tmp_path / "intercup.db").read_bytes()
