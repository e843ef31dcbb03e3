"""/presidio/frasi and /presidio/prova: groups, decisions and their undoing, the log."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import closing
from itertools import count as numbers
from pathlib import Path

import pytest
import yaml
from lxml import html
from markupsafe import escape
from sqlalchemy import select, update

from intercup.db.engine import Database
from intercup.db.sqlite import sqlite3
from intercup.db.tables import Example, KeptSentence
from intercup.domain.staff import Role
from intercup.services.chat.explained import Explained
from intercup.services.ids import hash_of
from intercup.services.tuning.decisions import as_rasa, examples
from intercup.services.tuning.queue import AT_ONCE, KEY_LENGTH, is_life, prepare
from intercup.services.tuning.sentence_seal import SentenceSeal
from intercup.texts import TEXTS
from tests.support.desk import at_desk, logged
from tests.support.kept_sentences import SECRET_KEY, keep_sentence
from tests.support.made_requests import count, make_conversation
from tests.support.web_service import Browser, Service, StandInRasa

PATH = "/presidio/frasi"
SPID = "lo spid mi rimanda alla pagina iniziale"
DONE = TEXTS.section("desk_done")


@pytest.fixture
async def desk(chat_service: Service) -> AsyncIterator[Browser]:
    async with at_desk(chat_service, Role.DIALOGUE) as browser:
        yield browser


def an_id(life: bool) -> str:
    """Return an id whose group belongs, or not, to the set from life."""
    ids = (f"sentence-{number}" for number in numbers())
    return next(id_ for id_ in ids if is_life(hash_of(id_)[:KEY_LENGTH]) == life)


async def kept(service: Service, text: str, life: bool = False, **more: object) -> str:
    id_ = await keep_sentence(
        service.database, text, service.settings.secret_key, id=an_id(life), **more
    )
    return hash_of(id_)[:KEY_LENGTH]


async def page_of(browser: Browser, path: str = PATH) -> str:
    async with browser.get(path) as response:
        assert response.status == 200
        text = html.document_fromstring(await response.text()).text_content()
        return " ".join(text.split())


async def shown(browser: Browser, key: str) -> str:
    """Open the page of a group; return the ids that its form carries."""
    async with browser.get(f"{PATH}?group={key}") as response:
        page = html.document_fromstring(await response.text())
    (ids,) = page.xpath("//input[@name='shown']/@value")
    return str(ids)


async def decided(
    browser: Browser, key: str, action: str, ids: str, **fields: str
) -> tuple[str, str]:
    """Decide on a group; return the sentence about it and the decision's id."""
    data = {"action": action, "shown": ids} | fields
    async with browser.post(f"{PATH}/{key}", data=data) as response:
        assert response.status == 303
        target = response.headers["Location"]
    page = await page_of(browser, target)
    sentence = next(text for text in DONE.values() if text in page)
    return sentence, target.partition("decision=")[2]


async def working_version(service: Service) -> list[tuple[str, str, str]]:
    async with service.database.read() as reading:
        return [(each.text, each.intent, each.purpose) for each in await examples(reading)]


async def test_like_sentences_make_a_group_with_the_reading_and_the_reasons(
    desk: Browser, chat_service: Service
) -> None:
    key = await kept(chat_service, SPID, day="2026-11-28", reasons=["asked"])
    for other in (f"{SPID} sempre", "quanto costa la tac"):
        await keep_sentence(chat_service.database, other, chat_service.settings.secret_key)
    page = await page_of(desk, f"{PATH}?group={key}")
    assert f"Gruppo {key}: 2 frasi" in page
    assert SPID in page
    assert TEXTS("desk_reason.asked") in page
    assert "80 % per il modello in uso" in page
    assert "quanto costa la tac" in page.partition("I prossimi gruppi")[2]


async def test_a_sentence_of_a_living_chat_is_not_shown(
    desk: Browser, chat_service: Service
) -> None:
    chat = await make_conversation(chat_service.database)
    await kept(chat_service, SPID, conversation_id=chat)
    assert SPID not in await page_of(desk)


async def test_an_accepted_group_leaves_a_rewritten_example_and_can_come_back(
    desk: Browser, chat_service: Service
) -> None:
    key = await kept(chat_service, f"{SPID}, sono [nome]")
    ids = await shown(desk, key)
    fields = {"text": "dopo lo spid torno alla pagina iniziale", "intent": "report_access_problem"}
    sentence, decision = await decided(desk, key, "accept", ids, **fields)
    assert sentence == DONE["sentences_accept"]
    assert await working_version(chat_service) == [(*fields.values(), "training")]
    assert SPID not in await page_of(desk)
    async with desk.post(f"{PATH}/annulla", data={"decision": decision}) as response:
        assert response.headers["Location"].endswith("sentences_undo")
    assert await working_version(chat_service) == []
    assert SPID in await page_of(desk)


@pytest.mark.parametrize(
    ("action", "life", "made"),
    [
        ("accept", True, ("report_access_problem", "life")),
        ("test", False, ("report_access_problem", "test")),
        ("out_of_scope", False, ("out_of_scope", "training")),
        ("ignore", False, None),
        ("delete", False, None),
    ],
)
async def test_what_becomes_of_a_group(
    desk: Browser,
    chat_service: Service,
    action: str,
    life: bool,
    made: tuple[str, str] | None,
) -> None:
    key = await kept(chat_service, SPID, life)
    ids = await shown(desk, key)
    fields = {"text": "non entro con lo spid", "intent": "report_access_problem"}
    sentence, _ = await decided(desk, key, action, ids, **fields)
    assert sentence == DONE["sentences_life" if life else f"sentences_{action}"]
    wanted = [(fields["text"], *made)] if made else []
    assert await working_version(chat_service) == wanted
    assert await count(chat_service.database, KeptSentence) == (action != "delete")
    assert (await decided(desk, key, action, ids, **fields))[0] == DONE["sentences_gone"]
    changes = [each for _, each, *_ in await logged(chat_service.database)]
    assert [each for each in changes if each != "sentences_seen"] == [f"sentences_{action}"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("mi chiamo Agata Lo Presti", "personal"),
        ("chiamatemi al 333 1234567", "personal"),
        ("sono [nome] e non entro", "personal"),
        ("", "empty"),
        ("parola " * 40, "long"),
    ],
)
async def test_a_rewrite_that_leads_to_a_person_is_refused(
    desk: Browser, chat_service: Service, text: str, problem: str
) -> None:
    key = await kept(chat_service, SPID)
    await page_of(desk)
    data = {"action": "accept", "text": text, "intent": "report_access_problem"}
    async with desk.post(f"{PATH}/{key}", data=data) as response:
        assert response.status == 422
        assert TEXTS(f"desk_problem.{problem}") in await response.text()
    assert await count(chat_service.database, Example) == 0


async def test_the_log_holds_keys_and_no_words(desk: Browser, chat_service: Service) -> None:
    key = await kept(chat_service, SPID)
    ids = await shown(desk, key)
    await decided(desk, key, "accept", ids, text="riscritta da noi", intent="thank")
    async with desk.post("/presidio/prova", data={"sentence": f"ciao {SPID}"}) as response:
        assert response.status == 200
    entries = await logged(chat_service.database)
    assert [(action, subject) for _, action, subject, _ in entries][:2] == [
        ("sentences_seen", key),
        ("sentences_accept", key),
    ]
    assert entries[-1][1] == "sentence_tried"
    assert not re.search("spid|riscritta", str(entries))


async def test_without_rasa_new_sentences_wait(
    desk: Browser, chat_service: Service, rasa: StandInRasa
) -> None:
    for _ in range(AT_ONCE + 2):
        await keep_sentence(chat_service.database, SPID, chat_service.settings.secret_key)
    assert "2 frasi nuove aspettano" in await page_of(desk)
    rasa.replies = None
    assert "2 frasi nuove aspettano" in await page_of(desk)


async def test_what_another_member_groups_meanwhile_stays(database: Database) -> None:
    await keep_sentence(database, SPID)

    async def explain(_text: str) -> Explained:
        async with database.write() as writing:
            await writing.execute(update(KeptSentence).values(likeness="theirs"))
        return Explained((("faq/spid", 0.8),), False, (1.0,), "0a1b2c3d")

    assert await prepare(database, SentenceSeal(SECRET_KEY), explain) == 0
    async with database.read() as reading:
        assert await reading.scalar(select(KeptSentence.likeness)) == "theirs"


async def test_others_write_while_sentences_are_grouped(database: Database, tmp_path: Path) -> None:
    class ProbingSeal(SentenceSeal):
        def seal_bytes(self, plain: bytes) -> bytes:
            with closing(sqlite3.connect(tmp_path / "intercup.db", timeout=0)) as other:
                other.execute("BEGIN IMMEDIATE")
            return super().seal_bytes(plain)

    async def explain(_text: str) -> Explained:
        return Explained((("faq/spid", 0.8),), False, (1.0,), "0a1b2c3d")

    for _ in range(2):
        await keep_sentence(database, SPID)
    assert await prepare(database, ProbingSeal(SECRET_KEY), explain) == 0


async def test_only_vectors_of_one_model_are_compared(database: Database) -> None:
    """Another model's may have another length."""
    answers = [((1.0, 0.0), "0a1b2c3d"), ((1.0,), "new"), ((1.0, 0.0), "0a1b2c3d"), ((1.0,), "new")]

    async def explain(_text: str) -> Explained:
        vector, model = answers.pop(0)
        return Explained((("faq/spid", 0.8),), False, vector, model)

    for _ in range(4):
        await keep_sentence(database, SPID)
        await prepare(database, SentenceSeal(SECRET_KEY), explain)
    async with database.read() as reading:
        keys = Counter(await reading.scalars(select(KeptSentence.likeness)))
    assert sorted(keys.values()) == [2, 2]


async def test_sentence_and_vector_are_sealed_in_the_table(
    desk: Browser, chat_service: Service
) -> None:
    await kept(chat_service, SPID)
    await page_of(desk)
    async with chat_service.database.read() as reading:
        (row,) = await reading.scalars(select(KeptSentence))
    assert row.vector and row.vector.startswith(b"gAAAAA")
    assert SPID not in row.sealed


async def test_a_tried_sentence_shows_intents_structure_and_step(desk: Browser) -> None:
    data = {"sentence": "non entro, volevo il Papardo"}
    async with desk.post("/presidio/prova", data=data) as response:
        page = " ".join(html.document_fromstring(await response.text()).text_content().split())
    assert "report_access_problem" in page
    assert "80,0 %" in page
    assert "A.O. Papardo di Messina" in page
    assert "Parole che la indicano Papardo" in page
    assert TEXTS("desk_step.description") in page
    assert "Se è capita male, o poco sicura" in page
    async with desk.post("/presidio/prova", data=data | {"login": "before"}) as response:
        page = await response.text()
    assert escape(TEXTS("desk_step.access_help")) in page
    assert '<option value="before" selected>' in page


async def test_the_export_is_training_data_of_rasa(desk: Browser, chat_service: Service) -> None:
    key = await kept(chat_service, SPID)
    fields = {"text": "non entro: mai!", "intent": "report_access_problem"}
    await decided(desk, key, "accept", await shown(desk, key), **fields)
    async with chat_service.database.read() as reading:
        files = as_rasa(await examples(reading))
    (block,) = yaml.safe_load(files["nlu.yml"])["nlu"]
    assert block == {"intent": "report_access_problem", "examples": "- non entro: mai!\n"}


async def test_a_sentence_decided_on_is_not_shown_to_another_page(
    desk: Browser, chat_service: Service
) -> None:
    key = await kept(chat_service, SPID)
    ids = await shown(desk, key)
    async with chat_service.database.write() as writing:
        await writing.execute(update(KeptSentence).values(state="ignored"))
    fields = {"text": "a parole nostre", "intent": "thank"}
    assert (await decided(desk, key, "accept", ids, **fields))[0] == DONE["sentences_gone"]


@pytest.mark.parametrize("action", ["accept", "ignore", "delete"])
async def test_a_decision_takes_the_sentences_that_were_shown_all_or_none(
    desk: Browser, chat_service: Service, action: str
) -> None:
    key = await kept(chat_service, SPID)
    fields = {"text": "non entro con lo spid", "intent": "report_access_problem"}
    before = await shown(desk, key)
    joined = await keep_sentence(
        chat_service.database, f"{SPID} sempre", chat_service.settings.secret_key
    )
    both = await shown(desk, key)
    assert set(both.split()) == {before, joined}
    assert (await decided(desk, key, action, before, **fields))[0] == DONE[f"sentences_{action}"]
    for old in (both, before, f"{joined} unknown", ""):
        assert (await decided(desk, key, action, old, **fields))[0] == DONE["sentences_gone"]
    assert await shown(desk, key) == joined
    assert len(await working_version(chat_service)) == (action == "accept")
