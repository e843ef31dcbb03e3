"""`intercup structures`: what the desk's pages do, at a terminal; and what `migrate` settles."""

import asyncio
import io
import os
import pwd
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from sqlalchemy import select, update

from intercup.commands.main import main
from intercup.db.engine import Database
from intercup.db.tables import Example, MailboxChange, MovedSentence, StructureVersion, Wording
from intercup.services.answers.wordings import newest_by_name
from tests.integration.services.structures.test_changes import MAILBOX, NEW, OLD, PLACES, code_to
from tests.support.desk import logged
from tests.support.paths import ROOT

type Run = Callable[..., Coroutine[Any, Any, tuple[int, str]]]


def command(arguments: tuple[str, ...], typed: str, environment: dict[str, str]) -> tuple[int, str]:
    output = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["intercup", *arguments])
        patch.setattr(sys, "stdin", io.StringIO(typed))
        with redirect_stdout(output), redirect_stderr(output):
            main()
    return int(str(ended.value.code)), output.getvalue()


@pytest.fixture
def run(database: Database, sqlite_url: str, tmp_path: Path) -> Run:
    (tmp_path / "secret.key").write_bytes(b"s" * 32)
    environment = {"INTERCUP_DATA_DIR": str(tmp_path), "INTERCUP_DATABASE_URL": sqlite_url}

    async def work(*arguments: str, typed: str = "") -> tuple[int, str]:
        return await asyncio.to_thread(command, arguments, typed, environment)

    return work


async def test_names_change_at_once_and_a_mailbox_with_code_and_another_person(
    run: Run, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, listed = await run("structures", "list", "trapani/")
    assert (status, len(listed.splitlines()), OLD in listed) == (0, 4, True)
    status, said = await run("structures", "set", PLACES, "ospedale", "marsala")
    assert (status, "la scriva con un'altra" in said) == (2, True)
    assert (await run("structures", "set", PLACES, "lilibeo", "marsala"))[0] == 0
    assert "(modificata)" in (await run("structures", "list", "lilibeo"))[1]
    assert (await run("structures", "set", "asp_trapani/name", "x"))[0] == 1
    status, said = await run("structures", "set", MAILBOX, NEW)
    assert (status, "è partito un codice" in said) == (0, True)
    status, said = await run("structures", "code", MAILBOX, NEW, typed="1\n")
    assert (status, "non è giusto" in said) == (1, True)
    code = await code_to(database, NEW)
    assert (await run("structures", "code", MAILBOX, NEW, typed=f"{code}\n"))[0] == 0
    monkeypatch.setenv("LOGNAME", "rosa")
    status, said = await run("structures", "confirm", MAILBOX)
    assert (status, "chi ha chiesto il cambio" in said) == (1, True)
    async with database.write() as writing:
        await writing.execute(update(MailboxChange).values(who="Anna"))
    status, shown = await run("structures", "show", MAILBOX)
    assert (f"{NEW} verificata" in shown, f"in uso: {OLD}" in shown) == (True, True)
    assert (await run("structures", "confirm", MAILBOX))[0] == 0
    status, shown = await run("structures", "show", MAILBOX)
    assert (f"in uso: {NEW}" in shown, "Anna e comando di" in shown) == (True, True)
    for what in ("confirm", "withdraw", "send-code"):
        assert (await run("structures", what, MAILBOX))[0] == 1
    actions = [(who, action) for who, action, *_ in await logged(database)]
    here = f"comando di {pwd.getpwuid(os.getuid()).pw_name}"
    assert actions == [
        (here, "structure_changed"),
        (here, "mailbox_asked"),
        (here, "mailbox_proved"),
        (here, "mailbox_confirmed"),
    ]
    status, said = await run("tuning", "export", str(tmp_path / "out"))
    patch = (tmp_path / "out" / "structures.patch").read_text("utf-8")
    assert (
        status,
        f"+    technical: [{NEW}]" in patch,
        "+    places: [lilibeo, marsala]" in patch,
    ) == (
        0,
        True,
        True,
    )


async def test_a_way_back_names_the_mailboxes_that_it_loses_and_asks(
    run: Run, database: Database
) -> None:
    async with database.write() as writing:
        version = {"field": MAILBOX, "text": NEW, "origin": OLD, "after": 0}
        writing.add(StructureVersion(who="Anna", confirmed_by="Rosa", at=time.time(), **version))
    await database.close()  # A way back needs the file for itself.
    status, said = await run("migrate", "--back-to", "0023", typed="no\n")
    assert (status, f"{MAILBOX}: {NEW}" in said) == (1, True)
    assert f"in uso: {NEW}" in (await run("structures", "show", MAILBOX))[1]
    assert (await run("migrate", "--back-to", "0024"))[0] == 0
    assert (await run("migrate", "--back-to", "0023", typed="sì\n"))[0] == 0
    assert (await run("migrate", "--back-to", "0022"))[0] == 0
    assert (await run("migrate"))[0] == 0
    assert f"in uso: {OLD}" in (await run("structures", "show", MAILBOX))[1]


async def test_an_unusable_version_is_shown_as_such_and_not_exported(
    run: Run, database: Database, tmp_path: Path
) -> None:
    near = "outside-enna/near"
    version = {"field": near, "text": "asp_atlantide", "origin": "prima", "after": 0}
    async with database.write() as writing:
        writing.add(StructureVersion(who="Anna", confirmed_by="", at=time.time(), **version))
    shown = (await run("structures", "show", near))[1]
    assert ("in uso: asp_caltanissetta, asp_catania" in shown, "non più valida" in shown) == (
        True,
        True,
    )
    assert "non più valida" in (await run("structures", "list", near))[1]
    status, said = await run("tuning", "export", str(tmp_path / "out"))
    assert (status, f"{near}: la modifica non è più valida" in said) == (0, True)
    assert not (tmp_path / "out" / "structures.patch").exists()


async def test_a_release_shows_what_it_contradicts_contains_and_lacks_before_it_is_installed(
    run: Run, database: Database, tmp_path: Path
) -> None:
    for file in ("bot/domain.yml", "bot/data/faq.yml", "bot/data/nlu.yml"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / file, tmp_path / file)
    (tmp_path / "config").mkdir()
    source = (ROOT / "config/structures.yaml").read_text("utf-8")
    (tmp_path / "config/structures.yaml").write_text(source.replace(OLD, NEW), "utf-8")
    old: dict[str, Any] = {"after": 0, "who": "Anna", "at": time.time()}
    rows = {MAILBOX: (NEW, OLD), PLACES: ("marsala", "prima"), "asp_atlantide/places": ("a", "b")}
    async with database.write() as writing:
        for field, (text, before) in rows.items():
            version = {"field": field, "text": text, "origin": before, "confirmed_by": ""}
            writing.add(StructureVersion(**version, **old))
        spid = {"answer": "utter_faq/spid", "text": "Scriva.", "origin": "Vecchia."}
        writing.add(Wording(**spid, **old))
        said = "voglio parlare con un operatore"
        more = {"purpose": "training", "day": "x"}
        writing.add(Example(id="e", text=said, intent="ask_human", **more))
        writing.add(Example(id="f", text="mi serve aiuto", intent="greet", **more))
        gone = {"id": "m", "text": "bonjour tristesse", "intent": "greet", "moved_to": "thank"}
        writing.add(MovedSentence(day="x", **gone))
    status, shown = await run("tuning", "import", str(tmp_path))
    assert status == 1
    assert [line for line in shown.splitlines() if not line.startswith("  ")] == [
        "in conflitto: utter_faq/spid",
        "in conflitto: «mi serve aiuto»",
        f"in conflitto: {PLACES}",
        "non c'è più: «bonjour tristesse»",
        "non c'è più: asp_atlantide/places",
        f"già nei file: «{said}»",
        f"già nei file: {MAILBOX}",
        "non è cambiato nulla: lo fa `intercup migrate`, con la versione nuova",
    ]
    assert "  il presidio dice: greet" in shown
    async with database.read() as reading:
        assert (await newest_by_name(reading))["utter_faq/spid"].who == "Anna"
    (tmp_path / "bot/domain.yml").unlink()
    status, shown = await run("tuning", "import", str(tmp_path))
    assert (status, "bot/domain.yml: manca" in shown) == (2, True)


async def test_migrate_ends_what_is_taken_over_or_gone_and_names_conflicts(
    run: Run, database: Database
) -> None:
    old = {"after": 0, "who": "Anna", "at": time.time()}
    more = {"confirmed_by": "", **old}
    ended = "outside-enna/near"
    texts = {
        ended: "asp_caltanissetta\nasp_catania",
        MAILBOX: OLD,
        PLACES: "marsala",
        "asp_atlantide/places": "platone",
    }
    async with database.write() as writing:
        for field, text in texts.items():
            writing.add(StructureVersion(field=field, text=text, origin="prima", **more))
        writing.add(Wording(answer="utter_gone", text="Nuova.", origin="Vecchia.", **old))
        writing.add(Wording(answer="utter_faq/spid", text="Scriva.", origin="Vecchia.", **old))
    status, said = await run("migrate")
    assert status == 0
    assert f"{PLACES}: l'originale è cambiato" in said
    assert "utter_faq/spid: l'originale è cambiato" in said
    assert "asp_atlantide/places: non c'è più" in said
    assert "utter_gone: non c'è più" in said
    assert MAILBOX not in said
    async with database.read() as reading:
        rows = (await reading.scalars(select(StructureVersion).order_by(StructureVersion.id))).all()
        gone = (await newest_by_name(reading))["utter_gone"]
    assert [(row.field, row.text, row.origin) for row in rows[4:]] == [
        (ended, texts[ended], "prima"),
    ]
    assert (gone.text, gone.who) == ("Nuova.", "Anna")
    again = (await run("migrate"))[1]
    assert ("utter_gone" in again, "asp_atlantide/places" in again) == (True, True)
