"""Training sentences of the files: taken out, moved and put back at the desk and at a terminal."""

import asyncio
import re
import subprocess
from collections import Counter
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from shutil import copytree

import pytest
import yaml

from intercup.db.engine import Database
from intercup.db.tables import MovedSentence
from intercup.domain.directory import Directory
from intercup.domain.staff import Role
from intercup.services.tuning.file_sentences import (
    DATA,
    KEPT_MIN,
    PATTERN,
    NotMoved,
    Sentence,
    in_files,
    in_force,
    move,
    moved,
    patch_of,
    sentences_of,
    settle,
)
from tests.support.desk import at_desk, logged
from tests.support.paths import ROOT
from tests.support.web_service import Browser, running_service

PATH = "/presidio/frasi/esempi"
HUMAN: Sentence = ("ask_human", "voglio parlare con un operatore")


@pytest.fixture
async def rosa(database: Database, directory: Directory, tmp_path: Path) -> AsyncIterator[Browser]:
    async with (
        running_service(database, directory, tmp_path) as service,
        at_desk(service, Role.DIALOGUE) as browser,
    ):
        yield browser


async def page_of(browser: Browser, words: str = "") -> str:
    async with browser.get(PATH, params={"words": words}) as response:
        assert response.status == 200
        return unescape(await response.text())


async def post(browser: Browser, path: str = PATH, **fields: str) -> tuple[int, str]:
    """Post, and return the status with what came of it, or the page."""
    async with browser.post(path, data=fields) as response:
        if response.status == 303:
            return 303, str(response.headers["Location"].partition("?done=")[2])
        return response.status, unescape(await response.text())


def choice(page: str, text: str) -> str:
    found = re.search(rf'sentence=([0-9a-f]+)">{re.escape(text)}<', page)
    assert found
    return found[1]


@pytest.mark.both_databases
async def test_a_sentence_is_moved_once_and_put_back(rosa: Browser, database: Database) -> None:
    assert HUMAN in in_files()
    key = choice(await page_of(rosa, "Parlare operatore ask_human"), HUMAN[1])
    moving = {"words": "operatore", "sentence": key, "intent": "faq/contacts"}
    assert await post(rosa, **moving) == (303, "sentence_moved")
    status, again = await post(rosa, **moving)
    assert (status, "è già tolta o spostata" in again) == (422, True)
    changed = await page_of(rosa, HUMAN[1])
    assert f"sentence={key}" not in changed
    assert "Tolte o spostate (1)" in changed
    assert "tolte o spostate e non ancora in uso: 1" in await models_page(rosa)
    async with database.read() as reading:
        (change,) = await moved(reading, set(in_files()))
    assert await post(rosa, f"{PATH}/rimetti", change=change.id) == (303, "sentence_put_back")
    assert await post(rosa, f"{PATH}/rimetti", change=change.id) == (303, "sentence_gone")
    assert choice(await page_of(rosa, HUMAN[1]), HUMAN[1]) == key
    acts = [(action, subject) for _, action, subject, _ in await logged(database)]
    assert acts == [("sentence_moved", change.id), ("sentence_put_back", change.id)]


async def models_page(browser: Browser) -> str:
    async with browser.get("/presidio/modelli") as response:
        return unescape(await response.text())


async def test_what_is_missing_or_the_same_is_said_and_keeps_the_choice(rosa: Browser) -> None:
    page = await page_of(rosa, HUMAN[1])
    key = choice(page, HUMAN[1])
    for fields, said in (
        ({"sentence": key, "intent": ""}, "Scelga che cosa farne."),
        ({"sentence": "", "intent": "-"}, "non c'è nei file"),
        ({"sentence": "0" * 16, "intent": "-"}, "non c'è nei file"),
        ({"sentence": key, "intent": HUMAN[0]}, "Scelga un intento dell'elenco."),
        ({"sentence": key, "intent": "utter_greet"}, "Scelga un intento dell'elenco."),
    ):
        status, shown = await post(rosa, words=HUMAN[1], **fields)
        assert (status, said in shown) == (422, True)
        if fields["sentence"] == key:
            assert f'name="sentence" value="{key}"' in shown
    assert "Nessuna frase contiene queste parole." in await page_of(rosa, "qwxzj")
    assert "Le prime 30 di" in await page_of(rosa, "prenotare")


@pytest.mark.both_databases
async def test_of_two_who_take_the_same_sentence_out_one_does(database: Database) -> None:
    async def take_out() -> bool:
        try:
            async with database.write() as writing:
                await move(writing, in_files(), HUMAN, "")
        except NotMoved:
            return False
        return True

    assert sorted(await asyncio.gather(take_out(), take_out())) == [False, True]


async def test_an_intent_keeps_some_sentences(database: Database) -> None:
    here = in_files()
    counts = Counter(intent for intent, _ in here)
    intent = min(counts, key=lambda each: counts[each])
    own = [sentence for sentence in here if sentence[0] == intent]
    async with database.write() as writing:
        for sentence in own[KEPT_MIN:]:
            await move(writing, here, sentence, "")
        with pytest.raises(NotMoved):
            await move(writing, here, own[0], "")


def test_the_patch_takes_sentences_out_and_puts_the_moved_in_their_new_place(
    tmp_path: Path,
) -> None:
    out = next(each for each in in_files() if each[0] == "medical_emergency")
    foreign = next(s for _, s in sentences_of_languages())
    changes = [
        MovedSentence(id="1", intent=HUMAN[0], text=HUMAN[1], moved_to="faq/contacts", day="x"),
        MovedSentence(id="2", intent=out[0], text=out[1], moved_to=None, day="x"),
        MovedSentence(id="3", intent=foreign[0], text=foreign[1], moved_to=None, day="x"),
    ]
    copytree(DATA, tmp_path / DATA)
    (tmp_path / "sentences.patch").write_text(patch_of(changes), "utf-8")
    subprocess.run(["git", "apply", "sentences.patch"], cwd=tmp_path, check=True)
    before, after = set(in_files()), set(in_files(tmp_path / DATA))
    assert before - after == {HUMAN, out, foreign}
    assert after - before == {("faq/contacts", HUMAN[1])}
    plain = [(b, text) for b, text in examples_of(tmp_path / DATA) if "metadata" not in b]
    assert {(b["intent"], text[2:]) for b, text in plain} == after


def test_sentences_that_may_tell_of_an_emergency_stay_where_they_are() -> None:
    tiered = {text[2:] for block, text in examples_of(DATA) if "metadata" in block}
    assert tiered
    assert not tiered & {text for _, text in in_files()}


def sentences_of_languages() -> list[tuple[int, Sentence]]:
    return list(sentences_of((DATA / "nlu_languages.yml").read_text("utf-8")))


def examples_of(data: Path) -> list[tuple[dict[str, str], str]]:
    """Each example as YAML has it, with its block."""
    blocks = [
        block
        for file in data.glob(PATTERN)
        for block in yaml.load(file.read_text("utf-8"), yaml.CSafeLoader)["nlu"]
    ]
    return [(block, text.strip()) for block in blocks for text in block["examples"].splitlines()]


async def test_a_release_that_contains_a_change_ends_it_and_one_that_lost_it_is_named(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = next(each for each in in_files() if each[0] == "greet")
    thanks = next(each for each in in_files() if each[0] == "thank")
    async with database.write() as writing:
        await move(writing, in_files(), HUMAN, "faq/contacts")
        await move(writing, in_files(), other, "thank")
        kept = await move(writing, in_files(), thanks, "")
        assert await settle(writing) == ([], [], [])
    copytree(DATA, tmp_path / DATA)
    nlu = tmp_path / DATA / "nlu.yml"
    source = nlu.read_text("utf-8")
    taken = source.replace(f"    - {HUMAN[1]}\n", "").replace(f"    - {other[1]}\n", "")
    mark = "- intent: faq/contacts\n  examples: |\n"
    assert mark in taken
    nlu.write_text(taken.replace(mark, f"{mark}    - {HUMAN[1]}\n"), "utf-8")
    monkeypatch.chdir(tmp_path)
    async with database.write() as writing:
        assert await settle(writing) == ([], [f"«{other[1]}»"], [])
        assert await settle(writing) == ([], [], [])
        assert [each.id for each in await moved(writing, set(in_files()))] == [kept]
    monkeypatch.chdir(ROOT)  # a way back: it is learnt as the desk has it, not as before
    async with database.write() as writing:
        assert await settle(writing) == ([], [], [])
        found = in_force(await moved(writing, set(in_files())), set(in_files()))
        assert {each.text for each in found} == {HUMAN[1], other[1], thanks[1]}
    nlu.write_text(f"{source}# The next release has them again.\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    async with database.write() as writing:
        again = {f"«{HUMAN[1]}»", f"«{other[1]}»"}
        assert set((await settle(writing)).restored) == again
        assert [each.id for each in await moved(writing, set(in_files()))] == [kept]
