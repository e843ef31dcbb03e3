"""A citizen who reads another language: pages, mails, consents; and a sixth language."""

import asyncio
import html
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urljoin, urlsplit

import aiohttp
import pytest
from babel.messages.pofile import read_po, write_po
from sqlalchemy import select

from intercup import administration
from intercup.db.engine import Database
from intercup.db.tables import Consent, Conversation, Delivery, Request
from intercup.domain.answers import filled
from intercup.domain.consent import CONSENTS, sha256_of
from intercup.domain.dialogue import Draft, draft_as_json
from intercup.domain.dialogue.draft import Step
from intercup.domain.directory import Directory
from intercup.domain.request import Citizen
from intercup.languages import catalogues
from intercup.languages.catalogues import translated
from intercup.languages.visitor import LANGUAGE
from intercup.mail.compose import RULE
from intercup.services.answers.origin import answer_by_name, answers
from intercup.services.chat import words
from intercup.services.chat.conversations import Message, append
from intercup.services.chat.hearing import SHOWN
from intercup.services.chat.inputs import draw_input
from intercup.services.chat.render import render
from intercup.services.chat.reply_context import ReplyContext
from intercup.services.chat.words import said_by_rasa, welcome_in
from intercup.texts import said
from intercup.web import chat as chat_routes
from intercup.web.language import COOKIE
from tests.support.made_requests import AGATA
from tests.support.mails import body_in, parsed
from tests.support.translations import catalogue
from tests.support.web_service import FIELDS, Browser, Service, StandInRasa, running_service

ARABIC_TEXT = "لا أستطيع إكمال الحجز لأن الصفحة تتوقف بعد اختيار التاريخ."
NO_ADDRESS = Citizen("k2", "Amina", "Haddad", "")
PAGES = ("/", "/assistenza", "/accedi", "/privacy", "/nowhere")
LANGUAGES = ("it", "en", "fr", "ro", "ar")


async def page_of(browser: Browser, path: str, **headers: str) -> str:
    async with browser.get(path, headers=headers) as response:
        return await response.text()


async def choose(browser: Browser, language: str) -> None:
    async with browser.get(f"/?lingua={language}") as response:
        assert (response.status, response.headers["Location"]) == (303, "/")


def opening_of(page: str) -> tuple[str, str]:
    """The language and direction of a page."""
    found = re.search(r'<html lang="(\w+)" dir="(\w+)">', page)
    assert found
    return found[1], found[2]


@pytest.mark.parametrize("path", PAGES)
async def test_a_chosen_language_stays_and_goes_before_the_browsers(
    browser: Browser, path: str
) -> None:
    assert opening_of(await page_of(browser, path)) == ("it", "ltr")
    browsers = await page_of(browser, path, **{"Accept-Language": "fr-FR,fr;q=0.9"})
    assert opening_of(browsers) == ("fr", "ltr")
    await choose(browser, "ar")
    chosen = await page_of(browser, path, **{"Accept-Language": "fr-FR,fr;q=0.9"})
    assert opening_of(chosen) == ("ar", "rtl")


async def test_the_menu_names_each_language_in_itself(browser: Browser) -> None:
    page = await page_of(browser, "/assistenza?structure=ao_papardo")
    found = re.findall(r'href="([^"]*lingua=(\w+))" hreflang="\2"[^>]*>([^<]+)', page)
    assert [name for _, _, name in found] == [
        "Italiano",
        "العربية",
        "English",
        "Français",
        "Română",
    ]
    assert html.unescape(found[1][0]) == "/assistenza?structure=ao_papardo&lingua=ar"
    async with browser.get(html.unescape(found[1][0])) as response:
        assert response.headers["Location"] == "/assistenza?structure=ao_papardo"


@pytest.mark.parametrize("path", ["//evil.example/?lingua=en", "/%5Cevil.example?lingua=en"])
async def test_the_menu_leads_to_no_other_host(service: Service, path: str) -> None:
    async with aiohttp.ClientSession() as session:
        url = aiohttp.client.URL(service.base_url + path, encoded=True)
        async with session.get(url, allow_redirects=False) as response:
            location = response.headers.get("Location", "/")
    assert urlsplit(urljoin(service.base_url, location)).netloc == url.authority


@pytest.mark.parametrize("language", ["xx", "", "../en", "EN"])
async def test_an_unknown_language_changes_nothing(browser: Browser, language: str) -> None:
    async with browser.get("/", params={"lingua": language}) as response:
        assert (response.status, "Set-Cookie" in response.headers) == (303, False)
    assert opening_of(await page_of(browser, "/")) == ("it", "ltr")


async def test_offices_read_italian_whatever_the_browser_says(browser: Browser) -> None:
    await choose(browser, "ar")
    for path in ("/inoltra/nowhere", "/presidio/nowhere", "/demo/mailbox"):
        page = await page_of(browser, path)
        assert opening_of(page) == ("it", "ltr")
        assert "lingua=" not in page


async def test_a_change_of_language_keeps_what_was_typed(browser: Browser) -> None:
    await browser.log_in(AGATA)
    typed = FIELDS | {"description": ARABIC_TEXT, "next": "language-ar"}
    async with browser.post("/assistenza", data=typed) as response:
        assert response.headers["Location"] == "/assistenza?lingua=ar"
    async with browser.session.get(f"{browser.base_url}/assistenza?lingua=ar") as response:
        page = await response.text()
    assert opening_of(page) == ("ar", "rtl")
    assert ARABIC_TEXT in page


async def sent_in(browser: Browser, language: str, text: str) -> str:
    await browser.log_in(AGATA)
    await choose(browser, language)
    fields = FIELDS | {"description": text, "best_time": "Mattina", "language": language}
    async with browser.send_form(fields) as response:
        page = await response.text()
        assert response.status == 200
    return page


async def mails_of(database: Database) -> dict[str, bytes]:
    async with database.read() as reading:
        rows = (await reading.scalars(select(Delivery))).all()
    return {row.role: row.raw or b"" for row in rows}


async def test_the_office_reads_italian_and_the_citizen_a_note_above_it(browser: Browser) -> None:
    receipt = await sent_in(browser, "ar", ARABIC_TEXT)
    assert opening_of(receipt) == ("ar", "rtl")
    assert '<bdi lang="it">A.O. Papardo di Messina</bdi>' in receipt
    mails = await mails_of(browser.database)
    office, copy = body_in(mails["office"]), body_in(mails["copy"])
    assert "Quando chiamare\n---------------\n> Mattina" in office
    assert "Lingua del testo: arabo" in office
    assert f"> {ARABIC_TEXT}" in office
    # Without what the citizen wrote, not a letter of the office's mail is Arabic.
    assert not re.search(r"[\u0600-\u06ff]", office.replace(ARABIC_TEXT, ""))
    note, italian = copy.split("=" * RULE)
    assert "هذه نسخة من طلبكم" in note
    about = office.partition("Presa in carico")[0].strip()
    assert italian.strip().startswith(about)
    languages = {role: parsed(raw)["Content-Language"] for role, raw in mails.items()}
    assert languages == {"office": "it", "copy": "ar, it"}


async def test_an_italians_copy_has_no_note(browser: Browser) -> None:
    await sent_in(browser, "it", "Il sito si blocca dopo la scelta della data.")
    mails = await mails_of(browser.database)
    assert "=" * RULE not in body_in(mails["copy"])
    assert parsed(mails["copy"])["Content-Language"] == "it"


async def test_the_ledger_keeps_the_italian_consent_and_the_translation_shown(
    browser: Browser,
) -> None:
    await browser.log_in(AGATA)
    await choose(browser, "ro")
    form = await page_of(browser, "/assistenza")
    await sent_in(browser, "ro", "Pagina se blochează după alegerea datei și nu pot continua.")
    async with browser.database.read() as reading:
        rows = (await reading.scalars(select(Consent))).all()
        request = (await reading.scalars(select(Request))).one()
    assert request.reader == "ro"
    assert {(row.kind, row.text, row.text_sha256) for row in rows} == {
        (consent.id, consent.text, consent.sha256) for consent in CONSENTS
    }
    for row in rows:
        assert f'<bdi lang="it">{row.text}</bdi>' in form
        assert f'<span class="translation">{row.shown_text}</span>' in form
        assert row.shown_language == "ro"
        assert row.shown_sha256 == sha256_of(row.shown_text or "")


@pytest.mark.parametrize(("of_form", "chosen_later"), [("it", "ar"), ("ar", "it")])
async def test_the_ledger_keeps_what_the_form_showed_not_what_another_tab_chose(
    browser: Browser, of_form: str, chosen_later: str
) -> None:
    await browser.log_in(AGATA)
    await choose(browser, of_form)
    page = await page_of(browser, "/assistenza")
    (shown,) = re.findall(r'<input type="hidden" name="language" value="(.*)">', page)
    await choose(browser, chosen_later)
    async with browser.send_form(FIELDS | {"language": shown}) as response:
        assert response.status == 200
    async with browser.database.read() as reading:
        rows = (await reading.scalars(select(Consent))).all()
    assert {row.shown_language for row in rows} == {None if of_form == "it" else of_form}


@pytest.mark.parametrize("hostile", ["", "xx", "../it", "fuzzy"])
async def test_the_ledger_names_no_language_that_no_page_has(
    browser: Browser, hostile: str
) -> None:
    await browser.log_in(AGATA)
    await choose(browser, "ro")
    async with browser.send_form(FIELDS | {"language": hostile}) as response:
        assert response.status == 200
    async with browser.database.read() as reading:
        rows = (await reading.scalars(select(Consent))).all()
    assert {row.shown_language for row in rows} == {None}


async def test_the_code_comes_in_the_pages_language(browser: Browser) -> None:
    await browser.log_in(NO_ADDRESS)
    await choose(browser, "fr")
    fields = {"email": "amina@example.it", "ritorno": "/assistenza", "key": "k"}
    async with browser.post("/recapito", data=fields) as response:
        assert response.status == 303
    mail = (await mails_of(browser.database))["code"]
    assert body_in(mail).startswith("Le code est\N{NO-BREAK SPACE}: ")
    assert parsed(mail)["Subject"] == "[InterCup] Code de vérification"
    assert parsed(mail)["Content-Language"] == "fr"


async def test_the_pages_follow_the_language_noticed_in_the_chat(
    chatting: Browser, rasa: StandInRasa
) -> None:
    await chatting.open_chat()
    await chatting.say(ARABIC_TEXT)
    assert opening_of(await page_of(chatting, "/assistenza")) == ("ar", "rtl")
    await choose(chatting, "it")
    await chatting.say(ARABIC_TEXT)
    assert opening_of(await page_of(chatting, "/assistenza")) == ("it", "ltr")


PSEUDO = "eo"


@pytest.fixture
def sixth_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A sixth catalogue beside the others, in which every letter outside of tags is marked."""
    for path in administration.TRANSLATIONS.glob("*.po"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    made = catalogue(PSEUDO)
    for message in made:
        if message.id:
            parts = re.split(r"(%\(\w+\)s|\{\w*\}|<[^>]+>)", str(message.id))
            message.string = "".join(
                part if number % 2 else re.sub(r"\w+", "ĝĝ", part)
                for number, part in enumerate(parts)
            )
    with (tmp_path / f"{PSEUDO}.po").open("wb") as file:
        write_po(file, made)
    with (tmp_path / f"{PSEUDO}.po").open("rb") as file:
        assert len(read_po(file)) == len(made)
    for module in (administration, catalogues):
        monkeypatch.setattr(module, "TRANSLATIONS", tmp_path)
    caches = (administration.administration, catalogues.languages, catalogues.catalogue, said)
    for cached in caches:
        cached.cache_clear()
    yield
    monkeypatch.undo()
    for cached in caches:
        cached.cache_clear()


@pytest.fixture
async def speaking_six(
    sixth_language: None, database: Database, directory: Directory, tmp_path: Path
) -> AsyncIterator[Browser]:
    async with (
        running_service(database, directory, tmp_path) as service,
        service.browser(AGATA) as browser,
    ):
        yield browser


def words_of(page: str) -> str:
    """The visible words of a page, without what stays Italian: names, texts of others, the chat."""
    body = page.partition("<body")[2].partition(">")[2]
    body = re.sub(r"<(optgroup|bdi|article|svg|script|textarea)\b.*?</\1>", " ", body, flags=re.S)
    return html.unescape(" ".join(re.sub(r"<[^>]*>", " ", body).split()))


async def test_a_sixth_language_is_a_file_and_nothing_else(speaking_six: Browser) -> None:
    async with speaking_six.get(f"/?lingua={PSEUDO}"):
        pass
    for path in ("/assistenza", "/portale", "/prenota", "/richieste", "/recapito", "/privacy"):
        page = await page_of(speaking_six, path)
        assert opening_of(page) == (PSEUDO, "ltr")
        own = {
            "Italiano",
            "English",
            "Français",
            "Română",
            "العربية",
            "Esperanto",
            "InterCup",
            "Regione",
        }
        own |= {"Siciliana", "SPID", "CIE", *AGATA.name.split(), *AGATA.surname.split()}
        words = re.findall(r"[^\W\d_]{3,}", re.sub(r"\S+@\S+|ĝ\w*", " ", words_of(page)))
        assert [word for word in words if word not in own] == [], path


def italian_in(part: object) -> list[str]:
    """The words of a chat's answer that aren't of the sixth language, names apart."""
    if isinstance(part, dict):
        shown = (value for key, value in part.items() if key not in NO_WORDS)
        return [word for value in shown for word in italian_in(value)]
    if isinstance(part, list | tuple):
        return [word for value in part for word in italian_in(value)]
    words = re.findall(r"[^\W\d_]{3,}", re.sub(r"\S+@\S+|ĝ\w*|{\w+}", " ", str(part or "")))
    return [word for word in words if word != "InterCup"]


NO_WORDS = {"id", "from", "payload", "href", "time", "lang", "dir", "type", "input"}


async def test_a_sixth_language_is_spoken_by_chat_and_widget(speaking_six: Browser) -> None:
    async with speaking_six.get(f"/?lingua={PSEUDO}"):
        pass
    session = await speaking_six.open_chat("portal")
    assert italian_in(session["messages"]) == []
    assert {(m["lang"], m["dir"]) for m in session["messages"]} == {(PSEUDO, "ltr")}
    async with speaking_six.get(session["language"]["texts"]) as response:
        texts = await response.json()
    assert (len(texts) > 60, len(texts["files"]) > 10, italian_in(texts)) == (True, True, [])


def test_a_sixth_language_is_spoken_by_every_answer(
    sixth_language: None, directory: Directory
) -> None:
    token = LANGUAGE.set(PSEUDO)
    values = dict.fromkeys(("category_label", "structure_name", "request_number"), "ĝĝ")
    for answer in answers().values():
        text = filled(answer.text, values)
        named = {"name": answer.name, "values": values}
        reply = {"text": text, "answer": named, "buttons": answer.buttons}
        message = said_by_rasa(reply, directory)
        assert italian_in([message.text, list(message.buttons)]) == [], answer.name
        worded = said_by_rasa(reply | {"edited": True}, directory)
        assert (worded.text, worded.text_language) == (text, "it")
    LANGUAGE.reset(token)


async def noticed_after(browser: Browser, *texts: str) -> list[str]:
    """The language of the chat after each text."""
    await browser.open_chat()
    return [(await browser.say(text))[1]["language"]["lang"] for text in texts]


ITALIAN_TEXT = "La pagina della prenotazione si blocca quando scelgo il giorno della visita."
SPANISH_TEXT = "No puedo reservar la cita en el hospital, la página da un error cada vez."
ID = "7d1b9a52-64f0-4f0e-9c6c-2f8f3d1f0a11"
ENGLISH_TEXT = "The requested page could not be loaded because the server did not answer in time."


async def test_one_foreign_text_changes_nothing_and_two_correct_the_language(
    chatting: Browser,
) -> None:
    heard = await noticed_after(
        chatting, ITALIAN_TEXT, ENGLISH_TEXT, ITALIAN_TEXT, ENGLISH_TEXT, ENGLISH_TEXT + " Why?"
    )
    assert heard == ["it", "it", "it", "it", "en"]
    assert opening_of(await page_of(chatting, "/assistenza")) == ("en", "ltr")


async def test_a_language_noticed_by_mistake_is_corrected(chatting: Browser) -> None:
    heard = await noticed_after(chatting, ENGLISH_TEXT, ITALIAN_TEXT, ITALIAN_TEXT + " Perché?")
    assert heard == ["en", "en", "it"]
    assert opening_of(await page_of(chatting, "/assistenza")) == ("it", "ltr")


@pytest.mark.parametrize("how", ["chosen", "noticed"])
async def test_no_language_outlives_a_logout(chatting: Browser, how: str) -> None:
    await chatting.log_in(AGATA)
    if how == "chosen":
        await choose(chatting, "ar")
    else:
        await noticed_after(chatting, ARABIC_TEXT)
    assert opening_of(await page_of(chatting, "/assistenza")) == ("ar", "rtl")
    async with chatting.post("/esci") as response:
        assert response.status == 303
    assert opening_of(await page_of(chatting, "/assistenza")) == ("it", "ltr")


async def test_an_unused_chat_greets_in_the_language_chosen_later(chatting: Browser) -> None:
    assert (await chatting.open_chat())["messages"][0]["lang"] == "it"
    await choose(chatting, "ro")
    (welcome,) = (await chatting.open_chat())["messages"]
    assert (welcome["lang"], welcome["text"][:9]) == ("ro", "Bună ziua")


@pytest.mark.parametrize("language", ["it", "xx", "..%2Fen"])
async def test_there_are_no_sentences_in_an_unknown_language(
    browser: Browser, language: str
) -> None:
    async with browser.get(f"/chat/testi/{language}") as response:
        assert response.status == 404


async def test_only_the_sentences_of_this_process_are_kept_for_good(browser: Browser) -> None:
    await choose(browser, "ro")
    address = (await browser.open_chat())["language"]["texts"]
    kept = []
    for path in (address, address[:-1], address.partition("?")[0]):
        async with browser.get(path) as response:
            kept.append(response.headers["Cache-Control"])
    assert kept == ["public, max-age=31536000, immutable", "no-store", "no-store"]


async def test_a_pasted_error_leaves_an_italian_browser_in_italian(chatting: Browser) -> None:
    chatting.session.headers["Accept-Language"] = "it-IT,it;q=0.9,en-US;q=0.8,en;q=0.7"
    assert await noticed_after(chatting, ENGLISH_TEXT, ENGLISH_TEXT + " Why?") == ["it", "en"]


async def test_a_repeated_message_names_the_noticed_language(chatting: Browser) -> None:
    await chatting.open_chat()
    _, first = await chatting.say(ARABIC_TEXT, ID)
    chatting.session.cookie_jar.clear(lambda cookie: COOKIE in cookie.key)
    _, again = await chatting.say(ARABIC_TEXT, ID)
    assert again["messages"] == first["messages"]
    assert again["language"] == first["language"]
    assert opening_of(await page_of(chatting, "/assistenza")) == ("ar", "rtl")


async def test_news_of_a_delivery_come_in_the_language_noticed_since_the_stream_was_opened(
    chatting: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_routes, "EVENTS_POLL", 0.02)
    conversation = (await chatting.open_chat())["conversation"]
    news = {"type": "delivery", "role": "office", "state": "sent", "number": "IC", "office": "A.O."}
    async with chatting.get("/chat/events") as events:
        await chatting.say(ARABIC_TEXT)
        async with chatting.database.write() as writing:
            await append(writing, conversation, [Message("", input=news)])
        async with asyncio.timeout(5):
            line = await events.content.readuntil(b'"about": "IC"}')
    assert json.loads(line.rpartition(b"data: ")[2])["lang"] == "ar"


@pytest.mark.parametrize(
    ("page", "text", "expected"),
    [
        ("it", ENGLISH_TEXT, "I answer in English."),
        ("it", SPANISH_TEXT, "Mis preguntas son en el idioma de esta página."),
        ("en", SPANISH_TEXT, "Mis preguntas son en el idioma de esta página."),
    ],
)
async def test_the_greeting_in_another_language_says_which_one_the_chat_goes_on_in(
    chatting: Browser, page: str, text: str, expected: str
) -> None:
    chatting.session.headers["Accept-Language"] = f"es,{page};q=0.5"
    await chatting.open_chat()
    _, answer = await chatting.say(text)
    assert expected in answer["messages"][0]["text"]
    goes_on = "en" if text == ENGLISH_TEXT else page
    assert answer["language"]["lang"] == goes_on


def test_a_language_that_the_administration_does_not_offer_is_not_promised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(words, "languages", lambda: {"it": None})
    said = welcome_in("ro").text
    assert "Întrebările mele sunt în limba acestei pagini." in said
    assert "{" not in said


ENGLISH_PERSON = "Hello, I cannot choose the day of my visit because the calendar is grey."


async def test_a_person_who_writes_english_is_answered_in_it_by_an_italian_browser(
    chatting: Browser,
) -> None:
    chatting.session.headers["Accept-Language"] = "it-IT,it;q=0.9,en-US;q=0.8,en;q=0.7"
    assert await noticed_after(chatting, ENGLISH_PERSON) == ["en"]


QUESTION = "Scriva che cosa è successo, o che cosa le serve sapere."
ASKED_BY_RASA = {
    "text": QUESTION,
    "answer": {"name": "utter_ask_request_form_description", "values": {}},
    "custom": {"input": "description", "draft": {"step": "description"}},
}


async def draft_of(browser: Browser) -> dict[str, Any]:
    async with browser.database.read() as reading:
        return (await reading.scalars(select(Conversation.draft))).one()


@pytest.mark.parametrize("step", get_args(Step.__value__))
async def test_a_question_is_repeated_once_in_the_language_chosen_meanwhile_and_nothing_else(
    chatting: Browser, rasa: StandInRasa, step: Step
) -> None:
    draft = Draft("technical", "asp_trapani", step=step, misses=1, first_message="1")
    rasa.replies = [{"text": "Va bene.", "custom": {"draft": draft_as_json(draft)}}]
    await chatting.say("La pagina si blocca")
    before, said = await draft_of(chatting), len((await chatting.open_chat())["messages"])
    sender = rasa.got.pop()["sender"]
    await choose(chatting, "ro")
    opened = await chatting.open_chat()
    origin = answer_by_name()[f"utter_ask_request_form_{step}"]
    repeated = opened["messages"][said:]
    assert [message["lang"] for message in repeated] == ["ro"]
    assert repeated[0]["text"].startswith(translated(origin.name, origin.text, "ro"))
    assert repeated[0]["text"] != origin.text
    assert rasa.got == [], "to Rasa it would be an answer, or a miss"
    assert (await chatting.open_chat())["messages"] == opened["messages"]
    after = await draft_of(chatting)
    shown = {"shown_in": after.pop("shown_in")}
    assert before | shown == after | shown
    drawn = origin.custom.get("input")
    assert shown["shown_in"].get(drawn) == ("ro" if drawn in SHOWN else None)
    rasa.replies = [{"text": "Va bene."}]
    for button in repeated[0].get("buttons", ())[:1]:
        assert (await chatting.press(button["payload"]))[0] == 200
    await chatting.say("Va bene")
    assert {got["sender"] for got in rasa.got} == {sender}, "its Rasa is still in step"


async def test_a_question_is_repeated_at_once_while_rasa_is_down(
    database: Database, directory: Directory, tmp_path: Path
) -> None:
    async with (
        running_service(database, directory, tmp_path) as service,
        service.browser(AGATA) as browser,
    ):
        await browser.open_chat()
        async with database.write() as writing:
            row = (await writing.scalars(select(Conversation))).one()
            row.draft = draft_as_json(Draft(step="category")) | {"key": "k"}
            said = [Message("La pagina si blocca", author="citizen"), Message("Va bene.")]
            await append(writing, row.id, said)
        await choose(browser, "fr")
        assert (await browser.open_chat())["messages"][-1]["lang"] == "fr"


async def test_without_an_open_question_a_chosen_language_asks_nothing(
    chatting: Browser, rasa: StandInRasa
) -> None:
    await chatting.open_chat()
    await chatting.say("Grazie mille di tutto")
    before = len(rasa.got)
    await choose(chatting, "ro")
    assert (await chatting.open_chat())["messages"][-1]["lang"] == "it"
    assert len(rasa.got) == before


async def test_what_is_added_to_an_italian_wording_is_a_message_in_the_chats_language(
    directory: Directory,
) -> None:
    token = LANGUAGE.set("fr")
    draft = Draft(step="description", first_message="1")
    context = ReplyContext(directory, authenticated=True, draft=draft, texts={"1": "Ça bloque"})
    worded, added = render([ASKED_BY_RASA | {"text": "Racconti.", "edited": True}], context)
    LANGUAGE.reset(token)
    assert (worded.text, worded.text_language, worded.input) == ("Racconti.", "it", None)
    assert (added.text_language, added.language) == (None, "fr")
    assert "Ça bloque" in added.text
    assert added.buttons
    assert worded.id != added.id


async def test_a_summary_shows_chosen_answers_in_the_chats_language(directory: Directory) -> None:
    token = LANGUAGE.set("en")
    draft = Draft(category="information", structure="ao_papardo")
    optional = {"phone": "091 1", "best_time": "Mattina", "relation": "Madre o padre"}
    context = ReplyContext(directory, authenticated=True, draft=draft, optional=optional)
    drawn = draw_input("summary", Message("?"), context).input or {}
    LANGUAGE.reset(token)
    values = [row["value"] for row in drawn["rows"] if row.get("optional")]
    assert values[0] == "091 1"
    assert not {"Mattina", "Madre o padre"} & set(values)
    assert all(values)
