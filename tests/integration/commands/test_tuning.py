"""`intercup tuning`: what the page of sentences does, at a terminal."""

import asyncio
import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path

import pytest

from intercup.commands.main import main
from intercup.db.engine import Database
from intercup.services.answers.origin import answers
from intercup.services.answers.wordings import save
from intercup.services.ids import hash_of
from intercup.services.tuning.decisions import examples
from intercup.services.tuning.queue import KEY_LENGTH
from tests.support.desk import logged
from tests.support.kept_sentences import keep_sentence
from tests.support.web_service import stand_in_rasa

SECRET = b"s" * 32
SPID = "lo spid mi rimanda alla pagina iniziale"


def command(arguments: tuple[str, ...], typed: str, environment: dict[str, str]) -> tuple[int, str]:
    output = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["intercup", "tuning", *arguments])
        patch.setattr(sys, "stdin", io.StringIO(typed))
        with redirect_stdout(output), redirect_stderr(output):
            main()
    return int(str(ended.value.code)), output.getvalue()


async def test_an_invented_sentence_is_added(
    database: Database, sqlite_url: str, tmp_path: Path
) -> None:
    (tmp_path / "secret.key").write_bytes(SECRET)
    environment = {"INTERCUP_DATA_DIR": str(tmp_path), "INTERCUP_DATABASE_URL": sqlite_url}

    async def add(intent: str) -> tuple[int, str]:
        return await asyncio.to_thread(command, ("add", intent), f"{SPID}\n", environment)

    status, said = await add("nothing")
    assert (status, "Scelga un intento" in said) == (1, True)
    assert (await add("report_access_problem"))[0] == 0
    status, said = await add("report_access_problem")
    assert (status, "c'è già fra gli esempi" in said) == (1, True)
    ((_, action, subject, _),) = await logged(database)
    async with database.read() as reading:
        (example,) = await examples(reading)
    assert (action, subject, example.text) == ("example_added", example.id, SPID)


async def test_a_sentence_of_the_files_is_found_moved_exported_and_put_back(
    database: Database, sqlite_url: str, tmp_path: Path
) -> None:
    environment = {"INTERCUP_DATA_DIR": str(tmp_path), "INTERCUP_DATABASE_URL": sqlite_url}

    async def run(*arguments: str, typed: str = "") -> tuple[int, str]:
        return await asyncio.to_thread(command, arguments, f"{typed}\n", environment)

    text = "voglio parlare con un operatore"
    assert f"ask_human: {text}\n" in (await run("sentences", "Operatore", "parlare"))[1]
    assert (await run("move", "ask_human", "--to", "nothing", typed=text))[0] == 1
    assert "non c'è nei file" in (await run("move", "deny", typed=text))[1]
    status, said = await run("move", "ask_human", typed=text)
    id_ = said.split()[-1]
    assert (status, (await run("sentences"))[1]) == (0, f"{id_}  ask_human -> tolta: {text}\n")
    assert (await run("export", str(tmp_path / "out")))[0] == 0
    assert f"-    - {text}\n" in (tmp_path / "out" / "sentences.patch").read_text("utf-8")
    assert [(await run("undo", id_))[0] for _ in range(2)] == [0, 1]
    actions = [action for _, action, _, _ in await logged(database)]
    assert actions == ["sentence_removed", "sentences_exported", "sentence_put_back"]


def with_rasa(data_dir: Path, database_url: str, rasa_url: str) -> dict[str, str]:
    return {
        "INTERCUP_DATA_DIR": str(data_dir),
        "INTERCUP_DATABASE_URL": database_url,
        "INTERCUP_RASA_URL": rasa_url,
        "INTERCUP_RASA_SECRET": "secret",
    }


async def test_a_group_is_listed_decided_on_exported_and_taken_back(
    database: Database, sqlite_url: str, tmp_path: Path
) -> None:
    (tmp_path / "secret.key").write_bytes(SECRET)
    id_ = await keep_sentence(database, SPID, SECRET)
    key = hash_of(id_)[:KEY_LENGTH]
    async with stand_in_rasa() as rasa:
        environment = with_rasa(tmp_path, sqlite_url, rasa.url)

        async def run(*arguments: str, typed: str = "") -> tuple[int, str]:
            return await asyncio.to_thread(command, arguments, typed, environment)

        status, listed = await run("list")
        group = listed.split()[0]
        assert (status, group.startswith(f"{key}-"), SPID in listed) == (0, True, True)
        assert f"{group}  report_access_problem" in listed
        refused = await run("decide", group, "accept", "--text", "sono Agata Lo Presti")
        assert (refused[0], "Tolga nomi" in refused[1]) == (1, True)
        _, made = await run("decide", group, "accept", "--text", "non entro")
        assert "intento: report_access_problem\n" in made
        async with database.read() as reading:
            (accepted,) = await examples(reading)
        assert accepted.intent == "report_access_problem"
        assert (await run("undo", made.split()[-1]))[0] == 0
        decide_test = ("decide", group, "test", "--text", "non entro")
        status, made = await run(*decide_test, "--intent", "faq/spid")
        assert status == 0
        assert (await run("decide", group, "ignore"))[0] == 1
        status, written = await run("export", str(tmp_path / "out"))
        (file,) = (tmp_path / "out").iterdir()
        assert (status, str(file) in written, "- non entro" in file.read_text()) == (0, True, True)
        changed = replace(answers()["utter_greet"], text="Com'era.")
        async with database.write() as writing:
            assert await save(writing, changed, "Buongiorno. Scriva pure.", "0", "Rosa")
        status, written = await run("export", str(tmp_path / "out"))
        assert (status, "utter_greet: l'originale è cambiato" in written) == (0, True)
        patch = (tmp_path / "out/answers.patch").read_text()
        assert "+        Buongiorno. Scriva pure.\n" in patch
        assert await run("undo", made.split()[-1]) == (0, "annullata\n")
        assert (await run("undo", made.split()[-1]))[0] == 1
        status, tried = await run("try", typed="non entro al Papardo\n")
        assert (status, "struttura: one ao_papardo" in tried) == (0, True)
        status, tried = await run("try", "--before-login", typed="non entro al Papardo\n")
        assert (status, "passo: access_help" in tried) == (0, True)
        rasa.replies = None
        assert (await run("try", typed="ciao\n"))[0] == 1
        assert (await run("forwarded"))[0] == 0
        unset = await run("list") if environment.pop("INTERCUP_RASA_SECRET") else (0, "")
        assert (unset[0], "INTERCUP_RASA_SECRET" in unset[1]) == (2, True)
    assert "spid mi rimanda" not in json.dumps(await logged(database))


async def test_a_sentence_that_joined_since_the_list_is_not_decided_on(
    database: Database, sqlite_url: str, tmp_path: Path
) -> None:
    (tmp_path / "secret.key").write_bytes(SECRET)
    await keep_sentence(database, SPID, SECRET, day="2026-11-28")
    async with stand_in_rasa() as rasa:
        environment = with_rasa(tmp_path, sqlite_url, rasa.url)

        async def run(*arguments: str) -> tuple[int, str]:
            return await asyncio.to_thread(command, arguments, "", environment)

        listed = (await run("list"))[1].split()[0]
        await keep_sentence(database, f"{SPID} sempre", SECRET)
        both = (await run("list"))[1].split()[0]
        for group in (listed, both.partition("-")[0]):
            status, said = await run("decide", group, "delete")
            assert (status, "tuning list" in said) == (1, True)
        rasa.replies = None
        status, said = await run("decide", both, "accept", "--text", "non entro")
        assert (status, said) == (1, "errore: l'assistente non risponde\n")
        del environment["INTERCUP_RASA_SECRET"], environment["INTERCUP_RASA_URL"]
        assert await run("decide", both, "delete") == (0, "fatto: deleted\n")
    actions = [action for _, action, _, _ in await logged(database)]
    assert actions == ["sentences_seen", "sentences_seen", "sentences_delete"]
