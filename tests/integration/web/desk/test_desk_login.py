"""The way in: a login of its own, for members alone, at its own place."""

import base64
import re
from pathlib import Path

import pytest
from sqlalchemy import update

from intercup.db.engine import Database
from intercup.db.tables import StaffSession
from intercup.domain.directory import Directory
from intercup.domain.staff import Role
from intercup.services.ids import hash_of
from intercup.services.staff.sessions import ABSOLUTE_LIMIT, ENTRY_LIMIT, IDLE_LIMIT
from tests.support.acs_door import Door
from tests.support.desk import COOKIE, at_desk, desk_cookie, logged
from tests.support.made_requests import AGATA
from tests.support.ports import free_port
from tests.support.saml_answering import ATTRIBUTES
from tests.support.web_service import Browser, Service, running_service

pytestmark = pytest.mark.filterwarnings(
    "ignore:datetime.datetime.utc:DeprecationWarning:onelogin.saml2.utils"
)


async def status_of(browser: Browser, path: str = "/presidio", **more: object) -> int:
    async with browser.get(path, **more) as response:
        return int(response.status)


async def test_the_demos_member_logs_in_and_only_at_the_desk(door: Door) -> None:
    started = await door.begin("/presidio/registro")
    landed = await door.bring(started.signed(), started.relay_state)
    assert landed == (303, "/presidio/registro")
    async with door.browser.get("/presidio") as response:
        page = await response.text()
    assert "Niccolò D&#39;Amico" in page
    assert not await door.is_logged_in(), "a citizen's session is another one"
    assert await logged(door.browser.database) == [("Niccolò D'Amico", "log_in", "", "")]


async def test_somebody_who_is_no_member_finds_nothing_behind_the_login(door: Door) -> None:
    started = await door.begin("/presidio")
    stranger = started.idp.answer(ATTRIBUTES | {"fiscalNumber": "TINIT-LPRGTA82B45C351V"})
    status, _ = await door.bring(started.idp.signed(stranger), started.relay_state)
    assert status == 404
    assert COOKIE not in {cookie.key for cookie in door.browser.session.cookie_jar}


async def test_a_session_ends_by_itself_by_logout_and_with_the_member(service: Service) -> None:
    for values in ({"seen_at": IDLE_LIMIT}, {"created_at": ABSOLUTE_LIMIT}):
        async with at_desk(service) as browser:
            assert await status_of(browser) == 200
            async with service.database.write() as writing:
                (name, age), *_ = values.items()
                column = getattr(StaffSession, name)
                await writing.execute(update(StaffSession).values({name: column - age - 1}))
            assert await status_of(browser) == 303
    async with at_desk(service) as browser:
        async with browser.post("/presidio/esci") as response:
            assert response.status == 303
        assert await status_of(browser) == 303


async def test_the_login_of_a_citizen_stays_when_the_desk_is_left(service: Service) -> None:
    async with at_desk(service) as browser:
        await browser.log_in(AGATA)
        async with browser.post("/presidio/esci") as response:
            assert response.status == 303
        assert await status_of(browser, "/portale") == 200


async def test_another_site_can_change_nothing(service: Service) -> None:
    async with at_desk(service) as browser:
        for origin in (None, "null", "https://altrove.example"):
            async with browser.post("/presidio/esci", headers={"Origin": origin}) as response:
                assert response.status == 403
        assert await status_of(browser) == 200


async def test_only_the_addresses_of_the_setting_reach_the_desk(
    database: Database, directory: Directory, tmp_path: Path
) -> None:
    networks = ["10.20.0.0/16", "2001:db8:1::/48"]
    more = {"desk_addresses": networks, "http_proxies": 1}
    answers = {"10.20.3.4": 200, "2001:db8:1:2::9": 200, "10.21.3.4": 404, "unknown": 404, "": 404}
    async with (
        running_service(database, directory, tmp_path, **more) as service,
        at_desk(service) as browser,
    ):
        for address, status in answers.items():
            headers = {"X-Forwarded-For": address}
            assert await status_of(browser, headers=headers) == status, address
        async with browser.post("/presidio/entra", data={}) as response:
            assert response.status == 404


async def test_the_desk_of_another_host_is_there_alone_and_takes_the_login_over(
    database: Database, directory: Directory, tmp_path: Path
) -> None:
    port = free_port()
    more = {"http_port": port, "base_url": f"http://localhost:{port}"}
    more["desk_url"] = f"http://127.0.0.1:{port}"
    late, token = [await desk_cookie(database, Role, for_entry=True) for _ in range(2)]
    async with database.write() as writing:
        past = StaffSession.created_at - ENTRY_LIMIT - 1
        mine = StaffSession.id_hash.endswith(hash_of(late))
        await writing.execute(update(StaffSession).where(mine).values(created_at=past))
    async with (
        running_service(database, directory, tmp_path, **more) as service,
        service.browser() as browser,
    ):
        browser.base_url = service.settings.desk_url
        headers = {"Origin": service.settings.base_url}
        for as_cookie in (token, f"entry:{token}"):
            cookies = {"Cookie": f"{COOKIE}={as_cookie}"}
            assert await status_of(browser, headers=cookies) == 303, "no session yet"
        fields = {"entry": late, "return_to": "/presidio"}
        async with browser.post("/presidio/entra", data=fields, headers=headers) as response:
            assert response.status == 404, "too late"
        fields = {"entry": token, "return_to": "/presidio/registro"}
        for attempt in (303, 404):
            send = browser.post("/presidio/entra", data=fields, headers=headers)
            async with send as response:
                assert response.status == attempt, "only once"
        assert await status_of(browser) == 200
        assert await status_of(browser, "/static/pages.css") == 200
        assert await status_of(browser, "/portale") == 307
        async with browser.post("/presidio/esci", headers=headers) as response:
            assert response.status == 403, "the public pages are another site"
        browser.base_url = service.settings.base_url
        assert await status_of(browser) == 404
        assert await status_of(browser, "/regolamento") == 200


async def test_the_entry_of_the_other_host_is_posted_with_its_origin(
    door: Door, service: Service
) -> None:
    started = await door.begin("/presidio")
    object.__setattr__(service.settings, "desk_url", "https://presidio.example.it")
    answer = base64.b64encode(started.signed()).decode()
    message = {"SAMLResponse": answer, "RelayState": started.relay_state}
    async with door.browser.post("/spid/acs", data=message) as response:
        page = await response.text()
        assert response.headers["Referrer-Policy"] == "strict-origin"
        assert "https://presidio.example.it" in response.headers["Content-Security-Policy"]
    assert re.search(r'action="https://presidio.example.it/presidio/entra"', page)
