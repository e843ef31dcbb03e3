"""/presidio/modelli: a training asked for once, a version put in use by one who saw what is."""

import re
import time
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import update
from yarl import URL

from intercup.db.engine import Database
from intercup.db.tables import Example, Model, Training
from intercup.domain.directory import Directory
from intercup.domain.staff import Role
from intercup.services.ids import short
from intercup.services.models import store
from intercup.services.models.cells import GONE_AFTER, tell
from intercup.services.models.training import DEAD_AFTER, ask
from intercup.services.tuning.decisions import examples
from intercup.texts import TEXTS
from intercup.web.desk.models import FOLLOWED_WITHIN, SLOW_AFTER, TAKEN_WITHIN
from tests.support.desk import at_desk, logged
from tests.support.tiny_model import tiny_model
from tests.support.tried_models import BASE, LOST, put, put_published, report
from tests.support.web_service import Browser, Service, running_service

PATH = "/presidio/modelli"
NOW = 1_800_000_000.0
HUMAN = "voglio parlare con un operatore"  # in the files


@pytest.fixture
async def desk(database: Database, directory: Directory, tmp_path: Path) -> AsyncIterator[Service]:
    """A service whose program has models."""
    async with running_service(database, directory, tmp_path, base=BASE) as service:
        yield service


async def page_of(browser: Browser, path: str = PATH) -> str:
    async with browser.get(path) as response:
        assert response.status == 200
        return unescape(await response.text())


async def outcome(browser: Browser, path: str, **data: str) -> str:
    """Post, and return the name of what came of it."""
    async with browser.post(f"{PATH}/{path}", data=data) as response:
        assert response.status == 303
        return URL(response.headers["Location"]).query["done"]


async def names_in_use(database: Database) -> list[str]:
    async with database.read() as reading:
        return [each.name for each in await store.recently_published(reading, BASE)]


async def test_a_version_is_put_in_use_once_and_who_saw_another_in_use_is_told(
    desk: Service,
) -> None:
    database = desk.database
    old = await put_published(database, "aaaaaaaa", NOW)
    new = await put(database, "bbbbbbbb", NOW, report("aaaaaaaa"))
    async with database.write() as writing:
        for text, intent in (*report("")["taught"], ("lo spid gira a vuoto", "faq/spid")):
            writing.add(Example(id=intent, text=text, intent=intent, purpose="training", day="x"))
    other = await put(database, "cccccccc", NOW, report("aaaaaaaa"))
    async with at_desk(desk) as rosa, at_desk(desk, name="Ugo") as ugo:
        assert "non ancora in uso: 2" in await page_of(rosa)
        seen = await page_of(rosa, f"{PATH}/{new}")
        assert "«lo spid mi rimanda indietro»: Non riesce ad accedere" in seen
        assert f'value="{old}"' in seen
        assert "96,8 %" in seen
        assert seen.index("ehilà") < seen.index("grazie di tutto")
        assert await outcome(rosa, f"{new}/pubblica", in_use=old) == "model_published"
        assert await outcome(rosa, f"{new}/pubblica", in_use=old) == "model_already"
        assert await outcome(ugo, f"{other}/pubblica", in_use=old) == "model_other"
        seen = await page_of(ugo)
        assert "Torna alla versione di prima, aaaaaaaa" in seen
        assert "non ancora in uso: 1" in seen
        assert 'name="decision" value="faq/spid"' in seen
        assert await outcome(ugo, f"{old}/pubblica", in_use=new) == "model_published"
        assert await outcome(ugo, f"{old}/pubblica", in_use=new) == "model_already"
    assert await names_in_use(database) == ["aaaaaaaa", "bbbbbbbb"]
    assert await logged(database) == [
        ("Rosa", "examples_seen", "", ""),
        ("Rosa", "model_seen", "bbbbbbbb", ""),
        ("Rosa", "model_published", "bbbbbbbb", ""),
        ("Ugo", "examples_seen", "", ""),
        ("Ugo", "model_published", "aaaaaaaa", ""),
    ]


async def test_a_version_of_the_program_names_no_command(desk: Service) -> None:
    async with desk.database.write() as writing:
        added = await store.add(writing, tiny_model("aaaaaaaa"), BASE, store.SHIPPED, NOW)
        await store.publish(writing, added, store.SHIPPED, NOW)
    async with at_desk(desk) as rosa:
        pages = await page_of(rosa) + await page_of(rosa, f"{PATH}/{added}")
    assert pages.count("per decisione di chi ha installato il programma") == 2
    assert store.SHIPPED not in pages


async def test_a_version_that_did_not_pass_says_why_and_is_not_put_in_use(desk: Service) -> None:
    database = desk.database
    old = await put_published(database, "aaaaaaaa", NOW)
    misread = [{"text": "buongiorno", "label": "greet", "after": "thank"}]
    gates = {"valid": False, "known": False, "emergencies": False}
    tried = report("aaaaaaaa", *gates, misread=misread, lost=[LOST], said={"validate": "due"})
    refused = await put(database, "bbbbbbbb", NOW, tried)
    untried = await put(database, "cccccccc", NOW)
    elsewhere = await put(database, "dddddddd", NOW, report("eeeeeeee"))
    async with at_desk(desk) as browser:
        why = await page_of(browser, f"{PATH}/{refused}")
        for words in (LOST, "buongiorno: Ringrazia", "Controlla i dati", ">due<"):
            assert words.casefold() in why.casefold(), words
        for sha256 in (refused, untried, elsewhere):
            assert "Pubblica" not in await page_of(browser, f"{PATH}/{sha256}")
            assert await outcome(browser, f"{sha256}/pubblica", in_use=old) == "model_missed"
        assert await outcome(browser, f"{'f' * 64}/pubblica", in_use=old) == "model_gone"
        async with browser.get(f"{PATH}/{'f' * 64}") as response:
            assert response.status == 404
        listed = await page_of(browser)
    for state in ("refused", "tried", "compared", "in_use"):
        assert TEXTS(f"desk_model.{state}") in listed, state
    assert await names_in_use(database) == ["aaaaaaaa"]


async def test_a_training_is_asked_for_once_and_only_the_one_shown_is_stopped(
    desk: Service,
) -> None:
    await put_published(desk.database, "aaaaaaaa", NOW)
    more = {"intent": "faq/spid", "purpose": "training", "day": "x"}
    async with desk.database.write() as writing:
        writing.add(Example(id="e", text="lo spid gira a vuoto", **more))
    async with at_desk(desk, Role.DIALOGUE) as rosa, at_desk(desk, Role.RELEASE, name="Ugo") as ugo:
        assert await outcome(rosa, "addestra") == "training_asked"
        assert await outcome(rosa, "addestra") == "training_active"
        assert await outcome(ugo, "addestra") == "training_active"
        shown = await page_of(ugo)
        assert "Chiesto da Rosa" in shown
        assert ("non ancora in uso: 1" in shown, "gira a vuoto" in shown) == (True, False)
        id_ = shown.partition('name="training" value="')[2].partition('"')[0]
        for wrong in ("", "another"):
            assert await outcome(ugo, "ferma", training=wrong) == "training_over"
        assert await outcome(ugo, "ferma", training=id_) == "training_cancelled"
        assert await outcome(rosa, "ferma", training=id_) == "training_over"
        shown = await page_of(rosa)
        assert ("Addestra e prova" in shown, "gira a vuoto" in shown) == (True, True)
    assert [entry[:2] for entry in await logged(desk.database)] == [
        ("Rosa", "training_asked"),
        ("Ugo", "training_cancelled"),
        ("Rosa", "examples_seen"),
    ]


async def test_an_invented_sentence_is_added_or_told_why_not_and_taken_away(desk: Service) -> None:
    text, emergency = "il portale gira a vuoto", "medical_emergency"
    async with at_desk(desk, Role.DIALOGUE, Role.STAFF) as rosa:

        async def add(**fields: str) -> tuple[int, str]:
            async with rosa.post("/presidio/frasi/nuova", data=fields) as response:
                return response.status, response.headers.get("Location") or await response.text()

        for typed, intent in (("", emergency), (f"{text} 3331234567", emergency), (text, "x")):
            status, page = await add(text=typed, intent=intent)
            assert (status, f'value="{typed}"' in page, "error-text" in page) == (422, True, True)
        status, target = await add(text=f" {text} ", intent=emergency)
        assert (status, URL(target).query["done"], URL(target).fragment) == (
            303,
            "example_added",
            "esito",
        )
        again = (await page_of(rosa, target)).partition('id="esito"')[2]
        assert f"«{text}»: Emergenza medica</p>" in again
        titles = re.findall(r"<option value=\"[^\"]+\"[^>]*>([^<]+)", again)
        assert titles == sorted(titles, key=str.casefold) != []
        assert ("open>" in again, f'value="{emergency}" selected' in again) == (True, True)
        assert f"«{text}»: Emergenza medica" in await page_of(rosa)
        for typed, problem in ((text.upper(), "known"), (HUMAN, "known_elsewhere")):
            status, page = await add(text=typed, intent=emergency)
            assert (status, TEXTS(f"desk_problem.{problem}") in unescape(page)) == (422, True)
        async with desk.database.read() as reading:
            (added,) = await examples(reading)
        assert (added.text, added.intent, added.purpose) == (text, emergency, "training")
        for path in (PATH, "/presidio/registro"):
            assert f">{short(added.id)}<" in await page_of(rosa, path)
        undoing = {"decision": added.id, "page": "models"}
        for came_of in ("example_undone", "sentences_gone"):
            async with rosa.post("/presidio/frasi/annulla", data=undoing) as response:
                assert response.headers["Location"] == f"{PATH}?done={came_of}#esito"
        assert text not in await page_of(rosa)
    actions = [entry[1:3] for entry in await logged(desk.database)]
    assert ("example_added", added.id) in actions


async def test_each_state_of_a_training_is_told_with_what_to_do(desk: Service) -> None:
    database, now = desk.database, time.time()
    accepted = {"text": "lo spid gira a vuoto", "intent": "faq/spid", "purpose": "training"}
    async with database.write() as writing:
        await ask(writing, "Rosa", now)
        writing.add(Example(id="accepted", day="x", **accepted))
    late, dead = now - TAKEN_WITHIN - 1, now - DEAD_AFTER - 1
    states = {
        "waiting": {"step": ""},
        "waiting_long": {"asked_at": late},
        "running": {"state": "running", "step": "train", "seen_at": now + 60},
        "running_long": {"asked_at": now - SLOW_AFTER - 1},
        "lost": {"seen_at": dead},
        "broken_worker": {"state": "broken", "problem": "worker"},
        "broken_train": {"state": "broken", "problem": "train\ndue intenti"},
        "broken_measure": {"state": "broken", "problem": "measure\n"},
        "broken_other": {"state": "broken", "problem": "OSError"},
        "cancelled": {"state": "cancelled"},
    }
    missing = []
    async with at_desk(desk) as browser:
        for name, values in states.items():
            async with database.write() as writing:
                await writing.execute(update(Training).values(**values))
            shown = " ".join((await page_of(browser)).split())
            wanted = [TEXTS(f"desk_training.{name}")]
            wanted += [values["problem"].partition("\n")[2]] if "problem" in values else []  # type: ignore[attr-defined]
            missing += [name for words in wanted if words not in shown]
            goes_on = name in ("waiting", "running", "running_long")
            assert ("Ultimo segno di vita" in shown) is name.startswith(("running", "lost")), name
            assert ('name="decision" value="accepted"' in shown) is not goes_on, name
    assert missing == []


async def test_the_cells_that_follow_are_counted_and_those_behind_named_when_late(
    desk: Service,
) -> None:
    database, now = desk.database, time.time()
    await put_published(database, "aaaaaaaa", now)

    async def shown() -> str:
        async with at_desk(desk) as browser:
            return " ".join((await page_of(browser)).split())

    assert "Nessuna cella risponde" in await shown()
    told = (("a", BASE, "aaaaaaaa", now), ("b", BASE, "bbbbbbbb", now), ("c", BASE, "", now))
    gone = (("d", BASE, "", now - GONE_AFTER - 1), ("e", "1" * 64, "cccccccc", now))
    async with database.write() as writing:
        for cell in (*told, *gone):
            await tell(writing, *cell)
    soon = await shown()
    assert "La segue 1 di 3 celle." in soon
    assert "mancano ancora" not in soon
    async with database.write() as writing:
        await writing.execute(update(Model).values(published_at=now - FOLLOWED_WITHIN - 1))
    late = await shown()
    assert "<li>b: risponde bbbbbbbb</li> <li>c: non risponde</li> </ul>" in late


async def test_without_the_role_release_a_version_is_looked_at_only(desk: Service) -> None:
    old = await put_published(desk.database, "aaaaaaaa", NOW)
    await put_published(desk.database, "bbbbbbbb", NOW + 1)
    ready = await put(desk.database, "cccccccc", NOW, report("bbbbbbbb"))
    async with at_desk(desk, Role.DIALOGUE) as browser:
        for path in (PATH, f"{PATH}/{ready}", f"{PATH}/{old}"):
            assert "/pubblica" not in await page_of(browser, path), path
        async with browser.post(f"{PATH}/{ready}/pubblica", data={}) as response:
            assert response.status == 404
        foreign = {"Origin": "https://example.org"}
        async with browser.post(f"{PATH}/addestra", headers=foreign) as response:
            assert response.status == 403
