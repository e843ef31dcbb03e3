"""Answers: worded at the desk, heard in every process' chats, exported, taken back."""

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest
import yaml

from intercup.db.engine import Database
from intercup.db.tables import Wording
from intercup.domain.directory import Directory
from intercup.domain.staff import Role
from intercup.services.answers.origin import FILES, answers, patch_of
from intercup.services.answers.wordings import Wordings, all_worded, save
from intercup.texts import TEXTS
from tests.support.desk import at_desk, logged
from tests.support.paths import ROOT
from tests.support.web_service import Browser, Service, StandInRasa, running_service

SPID = "utter_faq/spid"
PATH = f"/presidio/risposte/{SPID}"
TEXT = "SPID è la sua identità digitale.\nSe non riesce a entrare, scriva qui che cosa <vede>."
OTHER = "SPID serve per entrare.\nSe non riesce, lo scriva qui."


def said_by_rasa(name: str, **values: str) -> list[dict[str, object]]:
    """Rasa's reply with an answer of the files, as bot/engine/channel.py sends it."""
    return [{"text": answers()[name].text, "answer": {"name": name, "values": values}}]


async def post(
    browser: Browser, text: str, seen: str = "0", action: str = "save", path: str = PATH
) -> tuple[int, str]:
    fields = {"wording": text, "seen": seen, "action": action}
    async with browser.post(path, data=fields) as response:
        return response.status, unescape(await response.text())


async def page_of(browser: Browser, path: str) -> str:
    async with browser.get(path) as response:
        assert response.status == 200
        return unescape(await response.text())


async def heard(citizen: Browser) -> str:
    _, body = await citizen.say("che cos'è lo spid")
    return str(body["messages"][-1]["text"])


@pytest.fixture
async def citizen(chat_service: Service) -> AsyncIterator[Browser]:
    async with chat_service.browser() as browser:
        await browser.open_chat()
        yield browser


@pytest.fixture
async def rosa(chat_service: Service) -> AsyncIterator[Browser]:
    async with at_desk(chat_service, Role.DIALOGUE) as browser:
        yield browser


async def test_a_changed_answer_is_heard_in_the_chat_until_it_goes_back(
    rosa: Browser, citizen: Browser, rasa: StandInRasa, database: Database
) -> None:
    rasa.replies = said_by_rasa(SPID)
    origin = answers()[SPID].text
    assert await heard(citizen) == origin
    status, preview = await post(rosa, TEXT, action="preview")
    assert (status, "Anteprima, non ancora salvata" in preview, TEXT in preview) == (
        200,
        True,
        True,
    )
    assert await heard(citizen) == origin
    assert (await post(rosa, f"  {TEXT} \r\n\r\n"))[0] == 303
    assert await heard(citizen) == TEXT
    listed = await page_of(rosa, "/presidio/risposte?words=identità+digitale")
    assert (TEXT in listed, "<strong>Modificata</strong>" in listed) == (True, True)
    assert "utter_greet" not in listed
    listed = await page_of(rosa, "/presidio/risposte?words=utter_access_problem")
    assert "<h3>Non riesce ad accedere, SPID o CIE</h3>" in listed
    one = await page_of(rosa, PATH)
    assert '<li><a href="/presidio/risposte">Risposte</a></li>' in one
    assert '<a href="/presidio/risposte" aria-current="page">' in one
    assert ("Torna all'originale" in one, "<ins>" in one, "Torna a questo" in one) == (
        True,
        True,
        False,
    )
    assert (await post(rosa, origin, "1"))[0] == 303
    assert await heard(citizen) == origin
    assert "Torna a questo" in await page_of(rosa, PATH)
    assert "<strong>Modificata" not in await page_of(rosa, "/presidio/risposte")
    assert [each[:3] for each in await logged(database)] == [("Rosa", "answer_worded", SPID)] * 2


async def test_the_second_of_two_editors_is_told_and_loses_nothing(rosa: Browser) -> None:
    assert (await post(rosa, TEXT))[0] == 303
    _, preview = await post(rosa, OTHER, action="preview")
    assert 'name="seen" value="0"' in preview  # a look doesn't make it the newest
    status, page = await post(rosa, OTHER)
    assert (status, "l'ha cambiata un'altra persona" in page, OTHER in page, TEXT in page) == (
        409,
        True,
        True,
        True,
    )
    assert 'name="seen" value="1"' in page
    assert (await post(rosa, OTHER, "1"))[0] == 303
    assert (await post(rosa, OTHER, "9" * 5_000, path="/presidio/risposte/utter_greet"))[0] == 409


async def test_a_wrong_text_comes_back_with_what_was_typed(rosa: Browser) -> None:
    taken, bot = "utter_structure_taken", "utter_ask_bot_identity"
    wrong = (
        ("empty", "", " \n ", SPID),
        ("length", "701", "a" * 701, SPID),
        ("sentence", "a " * 25 + "a", "a " * 25 + "a. Scriva qui.", SPID),
        ("bureaucratic", "tramite", "Scriva qui tramite il modulo.", SPID),
        ("second_person", "puoi", "Qui puoi fare tutto. Scriva.", SPID),
        ("capital", "Le", "Scriva, e Le rispondo.", SPID),
        ("address", "@", "Scriva a cup@asl", SPID),
        ("address", "https://esempio", "Scriva a https://esempio", SPID),
        ("address", "www.poste.it", "Scriva a www.poste.it", SPID),
        ("address", "091 654-321", "Chiami il numero 091 654-321.", SPID),
        ("structure", "ASP Trapani", "Scriva ad ASP Trapani.", SPID),
        ("braces", "–", "Scriva a {nome}.", SPID),
        ("braces", "{structure_name}", "Struttura scelta.", taken),
        ("braces", "{structure_name}", "{structure_name} {", taken),
        ("kept", "112", "Chiami i soccorsi.", "utter_ask_request_form_alarm"),
        ("kept", "programma automatico", "Sono un programma. Scriva qui.", bot),
        ("next", "", "SPID serve per entrare.", "utter_faq/what_is_nre"),
    )
    for key, words, text, name in wrong:
        status, page = await post(rosa, text, path=f"/presidio/risposte/{name}")
        said = TEXTS(f"answer_problem.{key}", words=words, most="25", characters="700")
        assert (status, said in page, f"\n{text}</textarea>" in page) == (422, True, True), text
    assert "www.spid.gov.it" in answers()[SPID].text
    assert (await post(rosa, "Scriva, o legga www.spid.gov.it"))[0] == 303


async def test_placeholders_are_filled_and_an_alias_has_the_same_words(
    rosa: Browser, citizen: Browser, rasa: StandInRasa
) -> None:
    taken, alarm = "utter_structure_taken", "utter_ask_request_form_alarm"
    for name, text in ((taken, "Va bene: {structure_name}."), (alarm, "Chiami il 112.")):
        assert (await post(rosa, text, path=f"/presidio/risposte/{name}"))[0] == 303
    rasa.replies = said_by_rasa(taken, structure_name="ASP {x} Trapani")
    assert await heard(citizen) == "Va bene: ASP {x} Trapani."
    rasa.replies = said_by_rasa(taken)  # as after a release that took the placeholder out
    assert await heard(citizen) == answers()[taken].text
    rasa.replies = said_by_rasa(alarm)
    rasa.replies[0]["answer"] = {"name": "utter_medical_emergency", "values": {}}
    assert await heard(citizen) == "Chiami il 112."


async def test_a_wording_without_what_a_release_requires_is_not_said(database: Database) -> None:
    reply = {"text": "Chiami il 112.", "answer": {"name": "utter_medical_emergency", "values": {}}}
    wordings = Wordings(database)
    async with database.write() as writing:
        old = {"origin": "Chiami subito.", "after": 0, "who": "Anna", "at": 0.0}
        writing.add(Wording(answer="utter_medical_emergency", text="Chiami.", **old))
    await wordings.look()
    assert wordings.worded([reply]) == [reply]


@pytest.mark.both_databases
async def test_another_process_has_it_within_five_seconds(
    database: Database, directory: Directory, tmp_path: Path
) -> None:
    other = Wordings(database)
    watching = asyncio.create_task(other.watch())
    async with (
        running_service(database, directory, tmp_path) as service,
        at_desk(service, Role.DIALOGUE) as browser,
    ):
        began = time.monotonic()
        assert (await post(browser, OTHER))[0] == 303
        assert (await post(browser, TEXT, "1"))[0] == 303
        while other.worded(said_by_rasa(SPID))[0]["text"] != TEXT:
            assert time.monotonic() - began < 5.0
            await asyncio.sleep(0.1)
    watching.cancel()


@pytest.mark.both_databases
async def test_of_two_saves_at_once_one_is_stored(database: Database) -> None:
    async def saved(text: str) -> bool:
        async with database.write() as writing:
            return await save(writing, answers()[SPID], text, "0", "Rosa")

    assert sorted(await asyncio.gather(saved(TEXT), saved(OTHER))) == [False, True]


async def test_a_release_that_changes_the_origin_is_told(rosa: Browser, database: Database) -> None:
    async with database.write() as writing:
        old = {"after": 0, "origin": "Com'era.", "who": "Rosa", "at": time.time()}
        writing.add(Wording(answer=SPID, text=TEXT, **old))
        # This release has taken the desk's words over: they are the origin now.
        taken = answers()["utter_greet"].text
        writing.add(Wording(answer="utter_greet", text=taken, **old))
    listed = await page_of(rosa, "/presidio/risposte")
    assert f'href="{PATH}"><code>' in listed
    assert listed.count("Modificata, e l'originale è cambiato") == 1
    assert "Com'era." in await page_of(rosa, PATH)
    assert (await post(rosa, TEXT, "1"))[0] == 303  # keeps the desk's
    async with database.read() as reading:
        (edited,) = [each for each in await all_worded(reading) if each.is_edited]
    assert (edited.answer.name, edited.is_outdated) == (SPID, False)


def test_the_patch_changes_the_texts_and_nothing_else(tmp_path: Path) -> None:
    long = "Scriva qui che cosa è successo, " * 6 + "grazie: «così»"
    texts = {SPID: TEXT, "utter_greet": long, "utter_ask_request_form_alarm": "Chiami il 112."}
    copytree(ROOT / "bot", tmp_path / "bot", ignore=ignore_patterns("models", ".rasa", ".venv*"))
    before = [yaml.safe_load(file.read_text("utf-8")) for file in FILES]
    (tmp_path / "answers.patch").write_text(patch_of(texts), "utf-8")
    subprocess.run(["git", "apply", "answers.patch"], cwd=tmp_path, check=True)
    after = [yaml.safe_load((tmp_path / file).read_text("utf-8")) for file in FILES]
    for document in before:
        for name, text in texts.items():
            if name in document["responses"]:
                document["responses"][name][0]["text"] = text
    assert after == before
    assert after[1]["responses"]["utter_medical_emergency"][0]["text"] == "Chiami il 112."
