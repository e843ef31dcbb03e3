"""The page behind a link in the hands of strangers and vandals, on one database."""

import re
from typing import Any

import pytest

from intercup.db.tables import Forward
from tests.support.forwarding import RTI, TRAPANI, Offices, all_rows, body_of
from tests.support.made_requests import AGATA, TEXT, count
from tests.support.web_service import Browser

FIELDS = {"destination": "technical", "structure": "asp_trapani", "note": "", "form_key": "k"}


@pytest.fixture
async def offices(offices: Offices) -> Offices:
    await offices.receive()
    return offices


async def post(offices: Offices, path: str, **more: Any) -> int:
    async with offices.browser.post(path, **({"data": FIELDS} | more)) as response:
        return int(response.status)


async def test_the_page_keeps_its_address_and_the_citizen_to_itself(offices: Offices) -> None:
    async with offices.browser.get(offices.link_of(RTI)) as response:
        page = await response.text()
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert response.headers["Cache-Control"] == "no-store"
    for personal in (AGATA.name, AGATA.surname, AGATA.email, TEXT):
        assert personal not in page
    assert re.search(r"IC-\w{4}-\w{4}-\w{4}", page)


async def test_a_refusal_has_the_same_headers(browser: Browser) -> None:
    async with browser.get("/inoltra/" + "a" * 32) as response:
        assert response.status == 404
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"


async def test_a_forged_or_altered_link_is_unknown(offices: Offices) -> None:
    token = offices.link_of(RTI).rpartition("/")[2]
    other = token[:-1] + ("a" if token[-1] != "a" else "b")
    forged = ["a" * 32, other, token[:-1], token + "a", token.upper(), "x" * 3_000]
    before = await all_rows(offices.database)
    for path in [*forged, "%00", "%ff%fe", "%ed%a0%80", "'%20OR%201=1%20--"]:
        async with offices.browser.get(f"/inoltra/{path}") as response:
            assert response.status == 404, path
        assert await post(offices, f"/inoltra/{path}") == 404, path
    assert await all_rows(offices.database) == before


FOREIGN: tuple[dict[str, str | None], ...] = (
    {"Origin": "https://evil.example"},
    {"Origin": None},
    {"Origin": "null"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "null", "Sec-Fetch-Site": "none"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Origin": None, "Sec-Fetch-Site": "same-origin"},
)


async def test_a_form_on_another_site_forwards_nothing(offices: Offices) -> None:
    for headers in FOREIGN:
        assert await post(offices, offices.link_of(RTI), headers=headers) == 403, headers
    assert await count(offices.database, Forward) == 0


async def test_a_form_of_a_page_without_referrer_is_ours(offices: Offices) -> None:
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert await post(offices, offices.link_of(RTI), headers=headers) == 303


WRONG = (
    ({"structure": "asp_napoli"}, "structure"),
    ({"structure": "'; DROP TABLE requests; --"}, "structure"),
    ({"structure": ""}, "structure"),
    ({"destination": "home"}, "destination"),
    ({"destination": ""}, "destination"),
    ({"note": "x" * 501}, "note"),
    ({"note": "x" * 8_000}, "note"),  # beyond that nothing is read
)


async def test_a_form_that_is_wrong_says_where_and_keeps_what_was_typed(offices: Offices) -> None:
    for changed, field in WRONG:
        fields = FIELDS | {"note": "una nota"} | changed
        async with offices.browser.post(offices.link_of(RTI), data=fields) as response:
            page = await response.text()
            assert response.status == 422, changed
        assert f'id="{field}-error"' in page
        assert 'href="#' in page
        assert fields["note"] in page
        assert 'name="form_key" value="k"' in page
    assert await count(offices.database, Forward) == 0


async def test_a_note_of_500_characters_is_taken(offices: Offices) -> None:
    note = "\r\n".join(["è" * 99] * 5)
    assert await post(offices, offices.link_of(RTI), data=FIELDS | {"note": note}) == 303


NOTES = (
    "x\r\nBcc: evil@example.com",
    "x\r\n\r\nBcc: evil@example.com",
    "\r\nSubject: altro\r\n\r\n<b>corpo</b>",
    "<script>alert(1)</script>",
    ".\r\n.\r\nQUIT",
    "\u202egirato\x00",
)


async def test_a_note_is_text_in_the_body_and_nothing_else(offices: Offices) -> None:
    for note in NOTES:
        await offices.receive()
        await offices.forward(offices.link_of(RTI), "technical", "asp_trapani", note=note)
        mail = offices.mails_to(TRAPANI)[-1]
        message = mail.message
        assert message["Bcc"] is None
        assert message.get_all("Subject") == [message["Subject"]]
        assert message["Subject"].startswith("[InterCup] Inoltro - ")
        assert message.get_content_type() == "text/plain"
        written = note.replace("\r\n", "\n").replace("\u202e", "").replace("\x00", "").strip()
        marked = "\n".join(f"> {line}" if line else ">" for line in written.splitlines())
        assert marked in body_of(mail)


async def test_html_in_a_note_is_shown_as_text(offices: Offices) -> None:
    note = "<script>alert(1)</script>"
    async with offices.browser.post(
        offices.link_of(RTI), data=FIELDS | {"note": note, "structure": ""}
    ) as response:
        page = await response.text()
    assert note not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


async def test_a_body_that_is_no_form_is_refused(offices: Offices) -> None:
    form = "application/x-www-form-urlencoded"
    bodies = (
        ("application/json", b"{}"),
        (form, b"destination=%ff"),
        (form, b"a=" + b"x" * 300_000),
        ("", b""),
    )
    for content_type, body in bodies:
        headers = {"Content-Type": content_type}
        status = await post(offices, offices.link_of(RTI), data=body, headers=headers)
        assert 400 <= status < 500
    assert await count(offices.database, Forward) == 0
