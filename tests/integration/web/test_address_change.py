"""/recapito: another address, proved by a code, without JavaScript; and citizens without any."""

import re
from dataclasses import replace
from typing import Any

import pytest

from intercup.db.tables import AddressProof, Request
from intercup.services.login.address_proof import WRONG_CODES_MAX
from tests.support.made_requests import AGATA, ROSARIO, TEXT, count, deliveries
from tests.support.two_users import code_sent_to, form
from tests.support.web_service import Browser, Service, StandInRasa

NEW = "agata.nuova@example.it"
NO_EMAIL = replace(AGATA, email="")


async def post(browser: Browser, path: str, **fields: str) -> tuple[int, str, str]:
    async with browser.post(path, data=fields) as response:
        return response.status, response.headers.get("Location", ""), await response.text()


async def page_of(browser: Browser, path: str) -> str:
    async with browser.get(path) as response:
        assert response.status == 200
        return str(await response.text())


async def change(browser: Browser, address: str = NEW, return_to: str = "/assistenza") -> str:
    """Change the address; return where that leads."""
    await post(browser, "/recapito", email=address, ritorno=return_to)
    code = await code_sent_to(browser.database, address)
    status, location, _ = await post(browser, "/recapito/codice", code=code, ritorno=return_to)
    assert status == 303
    return location


async def test_the_page_shows_the_address_and_leads_from_form_and_requests(
    browser: Browser,
) -> None:
    await browser.log_in(AGATA)
    assert AGATA.email in await page_of(browser, "/recapito")
    assert "/recapito?ritorno=/richieste" in await page_of(browser, "/richieste")
    assert 'name="next" value="address"' in await page_of(browser, "/assistenza")


@pytest.mark.both_databases
async def test_a_code_proves_the_new_address_and_leads_back(browser: Browser) -> None:
    await browser.log_in(AGATA)
    status, location, _ = await post(browser, "/recapito", email=NEW, ritorno="/richieste")
    assert (status, location) == (303, "/recapito?ritorno=/richieste")
    page = await page_of(browser, location)
    assert 'autocomplete="one-time-code"' in page
    assert NEW in page
    assert AGATA.email in await page_of(browser, "/assistenza"), "not before the code"
    code = await code_sent_to(browser.database, NEW)
    status, location, _ = await post(
        browser, "/recapito/codice", code=f" {code[:3]} {code[3:]} ", ritorno="/richieste"
    )
    assert (status, location) == (303, "/richieste")
    assert NEW in await page_of(browser, "/assistenza")


async def test_the_request_goes_to_the_new_address(browser: Browser) -> None:
    await browser.log_in(AGATA)
    await change(browser)
    async with browser.send_form(form("k", TEXT)) as response:
        assert response.status == 200
    recipients = [row.recipient for row in await deliveries(browser.database) if row.role == "copy"]
    assert recipients == [NEW]


@pytest.mark.parametrize(
    ("code", "said"), [("", "6 cifre"), ("abc", "6 cifre"), ("12345", "6 cifre")]
)
async def test_what_is_no_code_is_told_at_the_field(browser: Browser, code: str, said: str) -> None:
    await browser.log_in(AGATA)
    await post(browser, "/recapito", email=NEW)
    status, _, page = await post(browser, "/recapito/codice", code=code)
    assert status == 422
    assert 'aria-describedby="error code-hint" aria-invalid="true"' in page
    assert said in page


async def test_a_wrong_code_is_no_claim_of_another_mail(browser: Browser) -> None:
    await browser.log_in(AGATA)
    await post(browser, "/recapito", email=NEW)
    wrong = f"{(int(await code_sent_to(browser.database, NEW)) + 1) % 1_000_000:06}"
    _, _, page = await post(browser, "/recapito/codice", code=wrong)
    assert "vale ancora il codice" in page
    assert "Abbiamo mandato" not in page


async def test_wrong_codes_are_used_up(browser: Browser) -> None:
    await browser.log_in(AGATA)
    await post(browser, "/recapito", email=NEW)
    right = await code_sent_to(browser.database, NEW)
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    for _ in range(WRONG_CODES_MAX):
        status, _, page = await post(browser, "/recapito/codice", code=wrong)
        assert status == 422
    assert 'name="email"' in page
    assert (await post(browser, "/recapito/codice", code=right))[0] == 422
    assert AGATA.email in await page_of(browser, "/recapito")


@pytest.mark.both_databases
async def test_a_page_sent_twice_is_one_try_and_one_code(browser: Browser) -> None:
    await browser.log_in(AGATA)
    for _ in range(2):
        await post(browser, "/recapito", email=NEW, key="pagina-1")
    assert len(await deliveries(browser.database)) == 1
    for _ in range(WRONG_CODES_MAX + 1):
        await post(browser, "/recapito/codice", code="000000", key="pagina-2")
    right = await code_sent_to(browser.database, NEW)
    assert (await post(browser, "/recapito/codice", code=right, key="p3"))[0] == 303


@pytest.mark.parametrize("address", ["", "agata", "a@b.it c@d.it", "a@b.it\nBcc: x@y.it", "ò@b.it"])
async def test_what_is_no_address_is_told_and_stays(browser: Browser, address: str) -> None:
    await browser.log_in(AGATA)
    status, _, page = await post(browser, "/recapito", email=address)
    assert status in (400, 422)
    assert await deliveries(browser.database) == []
    if address == "agata":
        assert 'value="agata"' in page


async def test_codes_are_limited_and_the_page_says_when_again(browser: Browser) -> None:
    await browser.log_in(AGATA)
    for _ in range(3):
        assert (await post(browser, "/recapito", email=NEW))[0] == 303
    async with browser.post("/recapito", data={"email": NEW}) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "3600")
        assert "altri codici" in await response.text()
    assert (await post(browser, "/recapito/codice", again="1"))[0] == 429
    assert len(await deliveries(browser.database)) == 3


async def test_chat_and_page_share_the_limit_of_an_address(
    chat_service: Service, rasa: StandInRasa
) -> None:
    rasa.replies = [{"text": "?", "custom": {"draft": {"step": "address"}}}]
    async with chat_service.browser(AGATA) as browser:
        await browser.open_chat("portal")
        await browser.say("voglio cambiare indirizzo")
        await browser.say(NEW)
        statuses = [(await post(browser, "/recapito", email=NEW))[0] for _ in range(3)]
    assert statuses == [303, 303, 429]


async def test_another_code_can_be_asked_for(browser: Browser) -> None:
    await browser.log_in(AGATA)
    await post(browser, "/recapito", email=NEW)
    status, location, _ = await post(browser, "/recapito/codice", again="1", ritorno="/richieste")
    assert (status, location) == (303, "/recapito?ritorno=/richieste")
    assert len(await deliveries(browser.database)) == 2


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "///assistenza", "/esci"]
)
async def test_the_way_back_is_a_page_of_ours(browser: Browser, target: str) -> None:
    await browser.log_in(AGATA)
    assert await change(browser, return_to=target) == "/assistenza"
    page = await page_of(browser, f"/recapito?ritorno={target}")
    assert 'name="ritorno" value="/assistenza"' in page
    assert f'href="{target}"' not in page


async def test_the_code_of_one_citizen_is_nothing_to_another(service: Service) -> None:
    async with service.browser(AGATA) as agata, service.browser(ROSARIO) as rosario:
        await post(agata, "/recapito", email=NEW)
        code = await code_sent_to(service.database, NEW)
        assert (await post(rosario, "/recapito/codice", code=code))[0] == 422
        assert (await post(agata, "/recapito/codice", code=code))[0] == 303
        assert ROSARIO.email in await page_of(rosario, "/recapito")


async def test_a_logout_takes_the_proof_along(browser: Browser) -> None:
    await browser.log_in(AGATA)
    await post(browser, "/recapito", email=NEW)
    assert await count(browser.database, AddressProof) == 1
    await post(browser, "/esci")
    assert await count(browser.database, AddressProof) == 0


@pytest.mark.parametrize("path", ["/portale", "/prenota", "/assistenza", "/richieste", "/recapito"])
async def test_a_citizen_without_an_address_is_logged_in(browser: Browser, path: str) -> None:
    await browser.log_in(NO_EMAIL)
    page = await page_of(browser, path)
    assert "Lo Presti" in page
    assert "sessione è scaduta.</p>" not in page


async def test_a_form_without_an_address_asks_for_one_and_keeps_the_text(browser: Browser) -> None:
    await browser.log_in(NO_EMAIL)
    async with browser.post("/assistenza", data=form("k", TEXT)) as response:
        page = await response.text()
        assert response.status == 422
    assert 'id="email-error"' in page
    assert 'href="#email"' in page
    assert TEXT in page
    assert await count(browser.database, Request) == 0
    async with browser.post("/assistenza", data=form("k", TEXT) | {"next": "address"}) as response:
        assert response.status == 303
    assert await change(browser) == "/assistenza"
    assert TEXT in await page_of(browser, "/assistenza")
    async with browser.send_form(form("k", TEXT)) as response:
        assert re.search(r"IC-\w{4}-\w{4}-\w{4}", await response.text())


@pytest.mark.parametrize(("citizen", "known"), [(AGATA, True), (NO_EMAIL, False)])
async def test_the_actions_learn_whether_there_is_an_address(
    chat_service: Service, rasa: StandInRasa, citizen: Any, known: bool
) -> None:
    async with chat_service.browser(citizen) as browser:
        await browser.open_chat("portal")
        await browser.say("buongiorno")
        assert rasa.got[-1]["metadata"]["has_email"] is known
        await change(browser)
        await browser.say("eccomi")
        assert rasa.got[-1]["metadata"]["has_email"] is True
        assert NEW not in str(rasa.got)


async def test_a_right_code_in_the_chat_is_an_address_at_once(
    chat_service: Service, rasa: StandInRasa
) -> None:
    async with chat_service.browser(NO_EMAIL) as browser:
        await browser.open_chat("portal")
        rasa.replies = [{"text": "?", "custom": {"draft": {"step": "address"}}}]
        await browser.say("avanti")
        rasa.replies = [{"text": "?", "custom": {"draft": {"step": "code"}}}]
        await browser.say(NEW)
        assert rasa.got[-1]["metadata"]["has_email"] is False
        await browser.say(await code_sent_to(browser.database, NEW))
    metadata = rasa.got[-1]["metadata"]
    assert (metadata["code"], metadata["has_email"]) == ("right", True)
