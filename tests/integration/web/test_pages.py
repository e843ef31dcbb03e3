"""Pages: who may see them, from where, and with which headers."""

import http.client
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiohttp
import pytest
from lxml import etree, html

from intercup.db.engine import Database
from intercup.domain.directory import Directory
from intercup.web.public_pages import COUNTER, PUBLIC_PAGES
from intercup.web.render import asset_url
from tests.support.made_requests import AGATA, ROSARIO, submission, submit
from tests.support.web_service import Browser, Service, running_service

PUBLIC = (
    "/",
    "/accedi",
    "/accessibilita",
    "/assistenza",
    "/note-legali",
    "/privacy",
    "/regolamento",
)
PRIVATE = ("/portale", "/prenota", "/richieste")
OTHERS = ("/health", "/.well-known/security.txt", "/demo/mailbox", "/demo/mailbox.json")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


@pytest.mark.parametrize("path", PUBLIC)
async def test_a_public_page_is_shown_to_anybody(browser: Browser, path: str) -> None:
    async with browser.get(path) as response:
        assert response.status == 200
        assert response.content_type == "text/html"
        assert '<html lang="it" dir="ltr">' in await response.text()


async def test_the_notice_about_kept_sentences_is_shown_as_it_is_written(
    database: Database, directory: Directory, tmp_path: Path
) -> None:
    given = {"sentence_legal_basis": "Articolo 9", "sentence_notice": "Informativa ASP n. 3"}
    async with (
        running_service(database, directory, tmp_path, **given) as service,
        service.browser() as browser,
        browser.get("/privacy") as response,
    ):
        assert "Articolo 9. Informativa ASP n. 3.</p>" in await response.text()


async def test_visits_are_counted_on_public_pages_only_and_only_by_setting(
    database: Database, directory: Directory, tmp_path: Path
) -> None:
    async with (
        running_service(database, directory, tmp_path, web_analytics_site="aBc123") as service,
        service.browser() as browser,
    ):
        for path in PUBLIC_PAGES:
            async with browser.get(f"{path}?structure=x") as response:
                (picture,) = html.fromstring(await response.text()).xpath("//img[@width='1']/@src")
                policy = response.headers["Content-Security-Policy"]
            assert picture.startswith(f"{COUNTER}/matomo.php?idsite=aBc123&rec=1&url=http")
            assert unquote(picture).endswith(path)
            assert f"img-src 'self' data: {COUNTER};" in policy
        async with browser.post("/assistenza", data={"description": ""}) as response:
            assert response.status == 401
            assert COUNTER not in await response.text(), "a form shown again is no visit"
            assert COUNTER not in response.headers["Content-Security-Policy"]
        await browser.log_in(AGATA)
        for path in ("/portale", "/richieste", "/accedi", "/privacy"):
            async with browser.get(path) as response:
                assert COUNTER not in await response.text(), path
                is_allowed = COUNTER in response.headers["Content-Security-Policy"]
            assert is_allowed == (path in PUBLIC_PAGES), path


async def test_nothing_is_counted_without_the_setting(browser: Browser) -> None:
    async with browser.get("/privacy") as response:
        text = await response.text()
        assert COUNTER not in text + response.headers["Content-Security-Policy"]
    assert "non caricano nulla da altri siti" in text


async def test_search_engines_are_shown_the_open_pages_only(browser: Browser) -> None:
    async with browser.get("/robots.txt") as response:
        rules = (await response.text()).splitlines()
    assert rules[-1] == f"Sitemap: {browser.base_url}/sitemap.xml"
    async with browser.get("/sitemap.xml") as response:
        pages = etree.fromstring(await response.read()).iter("{*}loc")
    listed = {urlsplit(page.text or "").path for page in pages}
    allowed = {rule.removeprefix("Allow: ").removesuffix("$") for rule in rules if "$" in rule}
    assert listed == allowed == {*PUBLIC} - {"/accedi"}
    assert "Disallow: /" in rules


async def test_the_contact_for_security_reports_is_whole(browser: Browser) -> None:
    """Source: RFC 9116."""
    async with browser.get("/.well-known/security.txt") as response:
        assert (response.content_type, response.charset) == ("text/plain", "utf-8")
        lines = (await response.text()).splitlines()
    fields = dict(line.split(": ", 1) for line in lines)
    assert [*fields] == ["Contact", "Expires", "Preferred-Languages", "Canonical", "Policy"]
    assert fields["Contact"].startswith("mailto:")
    left = datetime.fromisoformat(fields["Expires"]) - datetime.now(UTC)
    assert timedelta(30) < left < timedelta(366)
    assert fields["Canonical"] == f"{browser.base_url}/.well-known/security.txt"
    path, _, place = fields["Policy"].removeprefix(browser.base_url).partition("#")
    async with browser.get(path) as response:
        page = html.fromstring(await response.text())
    (heading,) = page.xpath(f"//*[@id='{place}']")
    (mailbox,) = heading.getnext().xpath("a/@href")
    assert mailbox == fields["Contact"]


async def test_a_page_tells_its_title_language_and_preview(browser: Browser) -> None:
    titles = set()
    for path in PUBLIC:
        async with browser.get(path) as response:
            page = html.fromstring(await response.text())
        assert page.get("lang") == "it"
        titles.add(page.findtext("head/title"))
        preview = page.xpath("string(//meta[@property='og:image']/@content)")
        icons = page.xpath("//link[contains(@rel, 'icon')]/@href")
        assert page.xpath("string(//meta[@name='description']/@content)")
        for address in (preview, *icons):
            async with browser.get(address.removeprefix(browser.base_url)) as response:
                assert response.content_type.startswith("image/"), address
    assert len(titles) == len(PUBLIC)


@pytest.mark.parametrize("path", PRIVATE)
async def test_a_private_page_leads_to_the_login(browser: Browser, path: str) -> None:
    async with browser.get(path) as response:
        assert (response.status, response.headers["Location"]) == (303, f"/accedi?ritorno={path}")


@pytest.mark.parametrize("path", PRIVATE)
async def test_a_private_page_is_shown_after_login(browser: Browser, path: str) -> None:
    await browser.log_in(AGATA)
    async with browser.get(path) as response:
        assert response.status == 200
        assert "Agata" in await response.text()


@pytest.mark.parametrize("source", ["", "https://example.it/intercup"])
async def test_the_footer_leads_to_the_source_code_where_it_is_set(
    database: Database,
    directory: Directory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
) -> None:
    monkeypatch.setenv("INTERCUP_SOURCE_URL", source)
    async with (
        running_service(database, directory, tmp_path) as service,
        service.browser() as browser,
        browser.get("/") as response,
    ):
        page = await response.text()
    assert ("Codice sorgente" in page, bool(source) and source in page) == (bool(source),) * 2


async def test_the_home_leads_to_the_portal_after_login(browser: Browser) -> None:
    await browser.log_in(AGATA)
    async with browser.get("/") as response:
        assert (response.status, response.headers["Location"]) == (303, "/portale")


async def test_the_home_says_where_to_write(browser: Browser) -> None:
    async with browser.get("/") as response:
        text = await response.text()
    assert (
        "Per problemi di accesso o utilizzo della piattaforma InterCup inviare una e-mail" in text
    )
    assert "mailto:intercup@regione.sicilia.it" in text


@pytest.mark.parametrize(("path", "lead"), [("/", "Senza, può"), ("/accedi", "Non riesce")])
async def test_home_and_login_lead_to_the_assistance_that_needs_no_login(
    browser: Browser, path: str, lead: str
) -> None:
    async with browser.get(path) as response:
        page = html.document_fromstring(await response.text())
    (words,) = page.xpath("//main//p[a/@href='/assistenza']")
    assert lead in words.text_content()


@pytest.mark.parametrize(
    "path",
    [*PUBLIC, *PRIVATE, *OTHERS, "/nowhere", "/chat/session", "/chat/events", "/static/x.js"],
)
async def test_every_answer_has_the_security_headers(browser: Browser, path: str) -> None:
    async with browser.get(path) as response:
        missing = {n for n, value in HEADERS.items() if response.headers.get(n) != value}
        if path.startswith("/static/"):
            missing.discard("Cache-Control")
        assert missing == set()
        policy = response.headers["Content-Security-Policy"]
        for directive in (
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "require-trusted-types-for 'script'",
        ):
            assert directive in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize("name", ["pages.css", "pages.js", "assistenza.js", "icons.svg"])
@pytest.mark.parametrize("encoding", ["br", "gzip"])
async def test_a_built_file_comes_compressed_and_is_kept_while_its_content_is_the_same(
    service: Service, name: str, encoding: str
) -> None:
    plain = (service.settings.static_dir / name).read_bytes()
    address = service.base_url + asset_url(service.settings.static_dir, name)
    accepted = {"Accept-Encoding": encoding}
    async with (
        aiohttp.ClientSession(auto_decompress=False) as http,
        http.get(address, headers=accepted) as response,
        http.get(f"{service.base_url}/static/{name}?v=earlier") as earlier,
    ):
        assert response.headers["Content-Encoding"] == encoding
        assert "immutable" in response.headers["Cache-Control"]
        assert "Accept-Encoding" in response.headers["Vary"]
        assert int(response.headers["Content-Length"]) < len(plain) * 2 / 3
        assert "immutable" not in earlier.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/", "/portale", "/chat/session"])
async def test_another_name_of_the_server_leads_to_the_right_one(
    browser: Browser, path: str
) -> None:
    async with browser.get(path + "?a=1", headers={"Host": "localhost:1"}) as response:
        assert response.status == 307
        assert response.headers["Location"] == f"{browser.base_url}{path}?a=1"


async def test_a_post_by_another_name_is_refused(browser: Browser) -> None:
    async with browser.post("/assistenza", headers={"Host": "evil.example"}) as response:
        assert response.status == 403


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", ""])
@pytest.mark.parametrize(
    "path", ["/assistenza", "/valutazione", "/esci", "/chat/messages", "/chat/forget"]
)
async def test_a_post_from_another_site_is_refused(
    browser: Browser, path: str, origin: str | None
) -> None:
    await browser.log_in(AGATA)
    async with browser.post(path, headers={"Origin": origin}) as response:
        assert response.status == 403
    async with browser.get("/portale") as response:
        assert response.status == 200


async def test_an_unknown_page_says_so_in_italian(browser: Browser) -> None:
    async with browser.get("/nowhere") as response:
        assert response.status == 404
        assert "Questa pagina non esiste" in await response.text()


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/"), ("PUT", "/chat/messages")])
async def test_another_method_says_so(browser: Browser, method: str, path: str) -> None:
    url, headers = browser.base_url + path, {"Origin": browser.base_url}
    async with browser.session.request(method, url, headers=headers) as response:
        assert response.status == 405


@pytest.mark.both_databases
async def test_a_logout_ends_the_session_on_the_server(service: Service) -> None:
    async with service.browser(AGATA) as browser:
        kept = {c.key: c.value for c in browser.session.cookie_jar}
        async with browser.post("/esci") as response:
            assert response.status == 303
        async with browser.get("/portale", cookies=kept) as response:
            assert response.status == 303


async def test_the_list_shows_only_ones_own_requests(service: Service, directory: object) -> None:
    mine = await submit(service.database, directory)  # type: ignore[arg-type]
    wanted = submission(citizen=ROSARIO)
    other = await submit(service.database, directory, wanted)  # type: ignore[arg-type]
    async with service.browser(AGATA) as browser, browser.get("/richieste") as response:
        text = await response.text()
    assert mine.number in text
    assert other.number not in text


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "path",
    [
        "/static/%00",
        "/static/" + "a" * 3_000,
        "/static/..%2f..%2fetc%2fpasswd",
        "/prenota?structure=%00",
        "/assistenza?structure=%ff%fe",
        "/accedi?ritorno=%00/portale",
        "/%ff",
        "/chat/session?page=%00&structure=%00",
    ],
)
async def test_a_strange_address_is_no_error_of_the_server(browser: Browser, path: str) -> None:
    await browser.log_in(AGATA)
    parts = urlsplit(browser.base_url)
    assert await raw_status(parts.hostname or "", parts.port or 0, path, {}) < 500


@pytest.mark.parametrize("cookie", [b"intercup=\xff\xfe", b"intercup=\xe8", b"\xff", b"intercup="])
async def test_a_strange_cookie_is_no_error_of_the_server(browser: Browser, cookie: bytes) -> None:
    parts = urlsplit(browser.base_url)
    headers = {"Cookie": cookie}
    assert await raw_status(parts.hostname or "", parts.port or 0, "/", headers) == 200


async def raw_status(host: str, port: int, path: str, headers: dict[str, bytes]) -> int:
    """Ask without the corrections that a good client makes."""
    import asyncio

    def ask() -> int:
        connection = http.client.HTTPConnection(host, port, timeout=5)
        connection.putrequest("GET", path)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        status = connection.getresponse().status
        connection.close()
        return status

    return await asyncio.to_thread(ask)


@pytest.mark.parametrize("target", ["//[", "/portale\x00", "https://example.org/", "/nessuna"])
async def test_a_strange_way_back_is_not_followed(browser: Browser, target: str) -> None:
    async with browser.get("/accedi", params={"ritorno": target}) as response:
        assert response.status == 200
