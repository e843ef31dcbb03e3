"""Bad input: never a 5xx, and a text arrives as typed after normalisation.

From the chat a request comes by Rasa: tests/service/test_naughty_chat.py sends the texts there.
"""

import json
from html import unescape
from types import ModuleType
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intercup.db.tables import Request
from intercup.domain.directory import Directory
from intercup.domain.forwarding import NOTE_MAX
from intercup.domain.normalise import normalise
from intercup.domain.request import DESCRIPTION_MAX, DESCRIPTION_MIN
from intercup.mail.compose import quoted
from intercup.texts import TEXTS
from intercup.web import (
    address_change,
    answer,
    chat_files,
    form,
    forward,
    login,
    optional,
    rating,
    requests,
)
from intercup.web.desk import (
    answers,
    deliveries,
    examples,
    journey,
    models,
    notices,
    sentences,
    session,
    structures,
    trying,
)
from intercup.web.form_fields import WITH_LINES
from tests.support.desk import at_desk
from tests.support.field_names import fields_read_in, modules_with_forms, query_names
from tests.support.forwarding import RTI, TRAPANI, Offices, body_of
from tests.support.made_requests import AGATA, BOTH, count, submit
from tests.support.naughty_texts import NAUGHTY_TEXTS, NO_TEXTS, packed
from tests.support.smtp_servers import MailCatcher
from tests.support.web_service import Browser, Service

FORM = {"category": "technical", "structure": "asp_trapani", **BOTH}
# The modules whose fields each form posts.
PLAIN_FORMS = {
    "/assistenza": form,
    "/valutazione": rating,
    "/valutazione/motivo": rating,
    "/recapito": address_change,
    "/recapito/codice": address_change,
    "/esci": login,
    "/inoltra/nessuno": forward,
    "/inoltra/nessuno/stato": forward,
    "/inoltra/nessuno/allegato": forward,
    "/richieste/IC-0000-0000-0000": requests,
    "/risposta/nessuno": answer,
    "/assistenza/altri-dati": optional,
    "/chat/files": chat_files,
}
DESK_FORMS = {
    "/presidio/consegne/1/casella": deliveries,
    "/presidio/richieste/{number}/inoltra": journey,
    "/presidio/richieste/{number}/testo": journey,
    "/presidio/avvisi": notices,
    "/presidio/risposte/utter_faq/spid": answers,
    "/presidio/frasi/annulla": sentences,
    "/presidio/frasi/esempi": examples,
    "/presidio/frasi/esempi/rimetti": examples,
    "/presidio/frasi/0123456789ab": sentences,
    "/presidio/prova": trying,
    "/presidio/modelli/ferma": models,
    f"/presidio/modelli/{'0' * 64}/pubblica": models,
    "/presidio/strutture/asp_trapani/aliases": structures,
    f"/presidio/strutture/cambi/{'a' * 43}/codice": structures,
    "/presidio/entra": session,
}
WITH_QUERY = (
    "/",
    "/assistenza",
    "/prenota",
    "/accedi",
    "/recapito",
    "/spid/login",
    "/chat/session",
)
quick = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
any_text = st.one_of(
    st.text(max_size=200), st.sampled_from(NAUGHTY_TEXTS), st.sampled_from(NO_TEXTS)
)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=10,
)


async def send(browser: Browser, description: str) -> tuple[int, str]:
    """Send the form; returns the status and the page."""
    fields = FORM | {"description": description, "submission_key": str(uuid4())}
    async with browser.send_form(fields) as response:
        return response.status, await response.text()


@pytest.mark.both_databases
async def test_every_naughty_text_of_the_form_arrives_as_typed(
    service: Service, mail_catcher: MailCatcher, directory: Directory
) -> None:
    async with service.browser(AGATA) as browser:
        for text in NAUGHTY_TEXTS:
            assert DESCRIPTION_MIN <= len(normalise(text)) <= DESCRIPTION_MAX, repr(text[:40])
            assert (await send(browser, text))[0] == 200, repr(text[:40])
        offices = Offices(browser, directory, mail_catcher)
        for _ in NAUGHTY_TEXTS:  # each time a batch, of at least one
            await offices.deliver()
    assert sorted(mail_catcher.rcpts()) == sorted([AGATA.email, TRAPANI] * len(NAUGHTY_TEXTS))
    bodies = [body_of(mail) for mail in mail_catcher.mails]
    typed = [quoted(normalise(text)) for text in NAUGHTY_TEXTS]
    missing = [text for text in typed if sum(text in body for body in bodies) != 2]
    assert missing == []
    for mail in mail_catcher.mails:
        assert mail.message["Bcc"] is None
        assert str(mail.message["Subject"]).startswith("[InterCup] ")
        assert not mail.message.is_multipart()


async def test_a_text_that_says_nothing_is_refused_at_its_field(service: Service) -> None:
    async with service.browser(AGATA) as browser:
        for text in NO_TEXTS:
            status, page = await send(browser, text)
            assert (status, 'href="#description"' in page) == (422, True), repr(text)
        assert await count(browser.database, Request) == 0


@pytest.mark.both_databases
async def test_every_naughty_note_of_an_office_arrives_as_typed(
    offices: Offices, mail_catcher: MailCatcher
) -> None:
    for text in packed(NOTE_MAX):
        note = quoted(normalise(text))
        mail_catcher.mails.clear()
        await offices.receive("platform")
        status, _ = await offices.forward(
            offices.link_of(RTI), "technical", "asp_trapani", note=text
        )
        assert status == 200, repr(text)
        (forwarded,) = offices.mails_to(TRAPANI)
        assert _without_indent(note) in _without_indent(body_of(forwarded)), repr(text)


def _without_indent(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines())


async def test_every_naughty_text_in_the_chat_is_kept_as_typed(chatting: Browser) -> None:
    for text in NAUGHTY_TEXTS:
        status, _ = await chatting.say(text)
        assert status == 200, repr(text[:40])
        messages = (await chatting.open_chat())["messages"]
        said = [message["text"] for message in messages if message["from"] == "citizen"]
        assert said[-1] == normalise(text)


async def is_no_fault(response: Any) -> None:
    """No 5xx; what is refused says so with a sentence that ends."""
    assert response.status < 500, response.url
    text = await response.text()
    if 400 <= response.status < 500 and response.content_type == "application/json":
        assert json.loads(text)["message"][-1] == "."
    elif response.status >= 400:
        assert "<main" in text or response.content_type == "text/plain", text[:200]


def test_every_module_that_reads_a_form_is_tried() -> None:
    assert {*modules_with_forms()} == {*PLAIN_FORMS.values(), *DESK_FORMS.values()}


@pytest.mark.parametrize("path", PLAIN_FORMS)
@quick
@given(data=st.data())
async def test_any_value_of_any_field_is_no_fault(
    chat_service: Service, path: str, data: Any
) -> None:
    fields = data.draw(fields_of(PLAIN_FORMS[path]))
    async with chat_service.browser(AGATA) as browser:
        if path.startswith("/recapito"):
            fields = [(n, v) for n, v in fields if "@" not in v]  # sends no code to anybody
        await post_form(browser, path, fields)


@quick
@given(data=st.data())
async def test_any_value_of_any_field_of_the_desk_is_no_fault(
    chat_service: Service, request_number: str, data: Any
) -> None:
    path = data.draw(st.sampled_from([*DESK_FORMS]))
    fields = data.draw(fields_of(DESK_FORMS[path]))
    async with at_desk(chat_service) as browser:
        await post_form(browser, path.format(number=request_number), fields)


@pytest.fixture
async def request_number(chat_service: Service, directory: Directory) -> str:
    return (await submit(chat_service.database, directory)).number


def fields_of(module: ModuleType) -> st.SearchStrategy[list[tuple[str, str]]]:
    """Fields with the names that a module reads, and others."""
    names = st.sampled_from(fields_read_in(module)) | st.text(min_size=1, max_size=20)
    return st.lists(st.tuples(names, any_text), max_size=9)


async def post_form(browser: Browser, path: str, fields: list[tuple[str, str]]) -> None:
    body = urlencode(fields, errors="surrogatepass")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with browser.post(path, data=body, headers=headers) as response:
        await is_no_fault(response)


@pytest.mark.parametrize("path", PLAIN_FORMS)
@quick
@given(body=st.binary(max_size=300), kind=st.sampled_from(("urlencoded", "multipart", "other")))
async def test_any_bytes_as_a_form_are_no_fault(
    chat_service: Service, path: str, body: bytes, kind: str
) -> None:
    content_type = {
        "urlencoded": "application/x-www-form-urlencoded",
        "multipart": "multipart/form-data; boundary=x",
        "other": "text/plain; charset=nessuno",
    }[kind]
    async with chat_service.browser(AGATA) as browser:
        headers = {"Content-Type": content_type}
        async with browser.post(path, data=body, headers=headers) as response:
            await is_no_fault(response)


@pytest.mark.parametrize("path", ["/chat/messages", "/chat/forget", "/sessione"])
@quick
@given(body=any_json, id_=st.booleans())
async def test_any_json_is_no_fault(chat_service: Service, path: str, body: Any, id_: bool) -> None:
    if isinstance(body, dict) and id_:
        body = body | {"id": str(uuid4())}
    async with chat_service.browser(AGATA) as browser:
        await browser.open_chat("portal")
        headers = {"Content-Type": "application/json"}
        async with browser.post(path, data=json.dumps(body), headers=headers) as response:
            await is_no_fault(response)


@pytest.mark.parametrize("path", ["/chat/messages", "/chat/forget", "/sessione"])
@quick
@given(body=st.binary(max_size=200))
async def test_any_bytes_as_json_are_no_fault(
    chat_service: Service, path: str, body: bytes
) -> None:
    async with chat_service.browser(AGATA) as browser:
        await browser.open_chat("portal")
        headers = {"Content-Type": "application/json"}
        async with browser.post(path, data=body, headers=headers) as response:
            await is_no_fault(response)


@pytest.mark.parametrize("path", WITH_QUERY)
@quick
@given(data=st.data())
async def test_any_query_is_no_fault(chat_service: Service, path: str, data: Any) -> None:
    name = data.draw(st.sampled_from(query_names()))
    value = data.draw(st.binary(max_size=60) | any_text.map(lambda t: t.encode("utf-8", "replace")))
    async with (
        chat_service.browser(AGATA) as browser,
        browser.get(f"{path}?{name}={quote(value)}") as response,
    ):
        await is_no_fault(response)


@quick
@given(part=st.binary(min_size=1, max_size=40), cookie=st.text("abcXYZ019_-%=.\xe8 ", max_size=60))
async def test_any_path_and_cookie_are_no_fault(
    chat_service: Service, part: bytes, cookie: str
) -> None:
    async with chat_service.browser() as browser:
        for start in ("/", "/inoltra/", "/static/", "/chat/", "/spid/"):
            headers = {"Cookie": f"intercup={cookie}"}
            async with browser.get(start + quote(part, safe=""), headers=headers) as response:
                await is_no_fault(response)


async def test_one_field_with_a_control_character_is_enough_to_refuse(service: Service) -> None:
    taken = []
    async with service.browser(AGATA) as browser:
        for field in set(form.FIELDS) - WITH_LINES:
            async with browser.post("/assistenza", data=FORM | {field: "asp\u0000"}) as answer:
                if TEXTS("error.bad_request") not in unescape(await answer.text()):
                    taken.append(field)
    assert taken == []
