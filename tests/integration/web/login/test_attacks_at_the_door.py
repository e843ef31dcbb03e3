"""Attacks on the real ACS route: each gets a page that refuses it, for its own reason."""

import base64

import pytest
from yarl import URL

from intercup.identity.saml_xml import MAX_MESSAGE
from tests.support.acs_door import Door
from tests.support.saml_answering import ATTRIBUTES
from tests.support.saml_attacks import ATTACKS
from tests.support.web_service import Service

# python3-saml 1.16 reads the clock in a way that Python 3.12 deprecated.
pytestmark = pytest.mark.filterwarnings(
    "ignore:datetime.datetime.utc:DeprecationWarning:onelogin.saml2.utils"
)


async def test_a_right_answer_logs_in_and_leads_back(door: Door) -> None:
    started = await door.begin("/assistenza")

    assert await door.bring(started.signed(), started.relay_state) == (303, "/assistenza")
    assert await door.is_logged_in()


async def test_every_attack_is_refused_for_its_own_reason(door: Door) -> None:
    outcomes = {}
    for name, (_, attack) in ATTACKS.items():
        started = await door.begin()
        outcomes[name] = await door.bring(attack(started.idp), started.relay_state)

    assert outcomes == {name: (403, key) for name, (key, _) in ATTACKS.items()}
    assert not await door.is_logged_in()


async def test_an_answer_that_was_used_is_a_replay(door: Door) -> None:
    started = await door.begin()
    document = started.signed()
    assert await door.bring(document, started.relay_state) == (303, "/portale")

    assert await door.bring(document, started.relay_state) == (403, "replayed")


@pytest.mark.parametrize("comes_from_the_providers_site", [False, True])
async def test_an_answer_posted_again_leads_to_the_portal(
    door: Door, comes_from_the_providers_site: bool
) -> None:
    started = await door.begin()
    document = started.signed()
    await door.bring(document, started.relay_state)
    if comes_from_the_providers_site:  # The session's cookie is SameSite=Lax.
        door.browser.session.cookie_jar.clear(lambda cookie: cookie.key == "intercup")

    assert await door.links_after(document, started.relay_state) == ["/portale"]


async def test_without_a_surname_the_way_goes_on_without_login(door: Door) -> None:
    started = await door.begin()
    answer = started.idp.answer(ATTRIBUTES | {"familyName": ""})

    assert await door.links_after(started.idp.signed(answer), started.relay_state) == ["/"]


async def test_logins_begun_in_one_browser_all_succeed_in_any_order(door: Door) -> None:
    await door.browser.open_chat()
    chats = []
    started = [await door.begin() for _ in range(3)]

    for login in (started[1], started[0], started[2]):
        assert await door.bring(login.signed(), login.relay_state) == (303, "/portale")
        chats.append((await door.browser.open_chat())["conversation"])

    assert len(set(chats)) == 1, "the chat goes on"


async def test_a_login_is_bound_to_a_cookie_that_the_service_gave(door: Door) -> None:
    door.browser.session.cookie_jar.update_cookies(
        {"intercup-login": "planted"}, URL(door.browser.base_url)
    )
    started = await door.begin()
    cookies = {cookie.key: cookie.value for cookie in door.browser.session.cookie_jar}

    assert cookies["intercup-login"] != "planted"
    assert await door.bring(started.signed(), started.relay_state) == (303, "/portale")


async def test_a_refused_answer_has_used_up_its_login(door: Door) -> None:
    started = await door.begin()
    await door.bring(b"garbage", started.relay_state)

    assert await door.bring(started.signed(), started.relay_state) == (403, "unsolicited")


async def test_a_stolen_answer_does_not_log_in_elsewhere(door: Door, service: Service) -> None:
    started = await door.begin()
    document = started.signed()
    async with service.browser() as browser:
        thief = Door(browser, door.keys, door.foreign_keys, door.log)
        # Before its owner has used it, to a login of the thief's own.
        own = await thief.begin()
        assert await thief.bring(document, own.relay_state) == (403, "wrong_request")
        # After its owner has used it.
        await door.bring(document, started.relay_state)
        assert await thief.bring(document, started.relay_state) == (403, "replayed")
        again = await thief.begin()
        assert await thief.bring(document, again.relay_state) == (403, "wrong_request")
        assert not await thief.is_logged_in()


async def test_nobody_is_logged_in_with_an_attackers_answer(door: Door, service: Service) -> None:
    async with service.browser() as browser:
        attacker = Door(browser, door.keys, door.foreign_keys, door.log)
        for victim_has_a_login_of_its_own in (False, True):
            if victim_has_a_login_of_its_own:
                await door.begin()
            started = await attacker.begin()
            answer = await door.bring(started.signed(), started.relay_state)
            assert answer == (403, "other_browser")
        assert not await door.is_logged_in()


async def test_an_answer_that_nobody_asked_for_is_refused(door: Door) -> None:
    document = (await door.begin()).signed()

    for relay_state in ("", "invented", "/portale", "x" * 5_000, "città"):
        assert await door.bring(document, relay_state) == (403, "unsolicited")


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ("%%%", (403, "malformed")),
        ("città", (403, "malformed")),
        ("", (403, "malformed")),
        ("\x00", (403, "malformed")),
        ("A" * (MAX_MESSAGE + 4), (403, "too_large")),
        ("A" * 300_000, (413, "no reason")),
    ],
    ids=["no base64", "no ASCII", "nothing", "null", "large", "larger"],
)
async def test_a_message_that_cannot_be_one_is_refused(
    message: str, answer: tuple[int, str], door: Door
) -> None:
    started = await door.begin()

    assert await door.bring_text(message, started.relay_state) == answer


@pytest.mark.parametrize("relay_state", [b"%00", b"a%0Ab", b"%ED%A0%80", b"%FF", b"%", b"%u0041"])
async def test_a_relay_state_that_no_page_sends_is_refused(relay_state: bytes, door: Door) -> None:
    body = b"SAMLResponse=AAAA&RelayState=" + relay_state
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with door.browser.post("/spid/acs", data=body, headers=headers) as response:
        assert 400 <= response.status < 500


async def test_base64_may_come_with_line_breaks(door: Door) -> None:
    started = await door.begin()
    message = base64.encodebytes(started.signed()).decode().replace("\n", "\r\n")

    assert await door.bring_text(message, started.relay_state) == (303, "/portale")


@pytest.mark.parametrize("code", [19, 20, 21, 22, 23, 25, 30])
async def test_an_anomaly_of_the_citizen_has_its_own_page(code: int, door: Door) -> None:
    started = await door.begin()

    answer = await door.bring(started.failed(code), started.relay_state)

    assert answer == (403, f"spid_anomaly_{code}")


async def test_any_other_anomaly_has_a_general_page(door: Door) -> None:
    started = await door.begin()

    assert await door.bring(started.failed(8), started.relay_state) == (403, "idp_error")


async def test_the_acs_takes_forms_only(door: Door) -> None:
    async with door.browser.get("/spid/acs") as response:
        assert response.status == 405
    async with door.browser.post("/spid/acs", json={}) as response:
        assert response.status == 422
