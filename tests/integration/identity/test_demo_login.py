"""Whole logins through the demo identity provider, as a browser without scripts makes them."""

from pathlib import Path

import pytest
from lxml import html
from yarl import URL

from intercup.errors import ConfigurationError
from intercup.identity.demo_citizens import ANOMALIES, CITIZENS
from intercup.identity.demo_idp import create_app, run_demo_idp
from intercup.identity.errors import LoginRefused
from intercup.identity.providers import load_identity_providers
from tests.support.demo_place import Place, listening
from tests.support.ports import free_port

# python3-saml 1.16 reads the clock in a way that Python 3.12 deprecated.
pytestmark = pytest.mark.filterwarnings(
    "ignore:datetime.datetime.utc:DeprecationWarning:onelogin.saml2.utils"
)


async def open_page(place: Place, url: str) -> html.HtmlElement:
    async with place.browser.get(URL(url, encoded=True)) as response:
        assert response.status == 200
        return html.document_fromstring(await response.text())


async def press(
    place: Place, page: html.HtmlElement, action: str, **button: str
) -> html.HtmlElement:
    """Send a form of the page with the button that was pressed."""
    (form,) = page.xpath("//form[@action=$action]", action=action)
    for name, value in button.items():
        assert form.xpath(".//button[@name=$name and @value=$value]", name=name, value=value)
    fields = dict(form.form_values()) | button
    async with place.browser.post(f"{place.idp_url}{action}", data=fields) as response:
        assert response.status == 200
        return html.document_fromstring(await response.text())


def answer_of(place: Place, page: html.HtmlElement) -> tuple[str, str]:
    """Return the response and the relay state that the last page would post to the service."""
    (form,) = page.forms
    assert form.action == place.settings.acs_url
    assert form.method == "POST"
    fields = dict(form.form_values())
    return str(fields["SAMLResponse"]), str(fields["RelayState"])


@pytest.mark.parametrize("number", range(len(CITIZENS)))
async def test_every_test_citizen_can_log_in(number: int, place: Place) -> None:
    start = place.begin()
    choice = await open_page(place, start.redirect_url)
    consent = await press(place, choice, "/consenso", citizen=str(number))
    last = await press(place, consent, "/risposta")

    citizen = place.complete(start, *answer_of(place, last))

    expected = CITIZENS[number]
    assert (citizen.name, citizen.surname) == (expected.name, expected.surname)
    assert citizen.fiscal_number == expected.fiscal_number
    assert citizen.email == expected.email


@pytest.mark.parametrize("code", ANOMALIES)
async def test_every_anomaly_can_be_tried(code: int, place: Place) -> None:
    start = place.begin()
    choice = await open_page(place, start.redirect_url)
    last = await press(place, choice, "/risposta", anomaly=str(code))

    with pytest.raises(LoginRefused) as refusal:
        place.complete(start, *answer_of(place, last))

    assert refusal.value.key == f"spid_anomaly_{code}"


async def test_a_citizen_may_refuse_consent(place: Place) -> None:
    start = place.begin()
    choice = await open_page(place, start.redirect_url)
    consent = await press(place, choice, "/consenso", citizen="0")
    last = await press(place, consent, "/risposta", anomaly="22")

    with pytest.raises(LoginRefused) as refusal:
        place.complete(start, *answer_of(place, last))

    assert refusal.value.key == "spid_anomaly_22"


async def test_the_answer_of_one_login_does_not_open_another(place: Place) -> None:
    first, second = place.begin(), place.begin()
    choice = await open_page(place, first.redirect_url)
    consent = await press(place, choice, "/consenso", citizen="0")
    last = await press(place, consent, "/risposta")
    saml_response, _ = answer_of(place, last)

    with pytest.raises(LoginRefused) as refusal:
        place.complete(second, saml_response, second.relay_state)

    assert refusal.value.key == "wrong_request"


async def test_every_page_says_that_it_is_a_demo_and_runs_no_inline_code(place: Place) -> None:
    choice = await open_page(place, place.begin().redirect_url)
    consent = await press(place, choice, "/consenso", citizen="1")
    last = await press(place, consent, "/risposta")

    for page in (choice, consent, last):
        assert page.get("lang") == "it"
        assert "non è SPID" in page.xpath("string(//header)")
        assert len(page.xpath("//h1")) == 1
        assert not page.xpath("//script[text()] | //style | //@style | //@onclick | //@onload")
    assert last.xpath("//script/@src") == ["/sso.js"]
    assert last.xpath("//form//button")


async def test_the_consent_page_lists_the_data_that_is_sent(place: Place) -> None:
    choice = await open_page(place, place.begin().redirect_url)
    consent = await press(place, choice, "/consenso", citizen="0")

    shown = [value.text_content() for value in consent.xpath("//dd")]
    assert shown == ["Agata", "Lo Presti", "LPRGTA82B45C351V", "agata.lopresti@example.it"]


async def test_pages_forbid_everything_that_is_not_theirs(place: Place) -> None:
    url = URL(place.begin().redirect_url, encoded=True)
    async with place.browser.get(url) as response:
        policy = response.headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "'unsafe" not in policy
    assert "form-action 'self'" in policy
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/metadata", "application/samlmetadata+xml"),
        ("/demo.css", "text/css"),
        ("/sso.js", "text/javascript"),
    ],
)
async def test_the_other_files_are_served(path: str, kind: str, place: Place) -> None:
    async with place.browser.get(f"{place.idp_url}{path}") as response:
        assert response.status == 200
        assert response.content_type == kind
        assert await response.read()


async def test_the_metadata_file_is_what_the_provider_publishes(place: Place) -> None:
    async with place.browser.get(f"{place.idp_url}/metadata") as response:
        published = await response.read()

    assert place.metadata_file.read_bytes() == published
    (provider,) = load_identity_providers(published)
    assert provider.entity_id == place.idp_url
    assert provider.name == "Fornitore di identità dimostrativo"


@pytest.mark.parametrize(
    "query", ["", "SAMLRequest=AAAA", "SAMLRequest=AAAA&RelayState=x&SigAlg=y&Signature=z"]
)
async def test_a_request_that_is_not_the_services_is_refused(query: str, place: Place) -> None:
    async with place.browser.get(f"{place.idp_url}/sso?{query}") as response:
        assert response.status == 400


async def test_an_altered_request_is_refused(place: Place) -> None:
    altered = place.begin().redirect_url.replace("RelayState=", "RelayState=x")

    async with place.browser.get(URL(altered, encoded=True)) as response:
        assert response.status == 400


async def test_a_login_is_answered_once(place: Place) -> None:
    choice = await open_page(place, place.begin().redirect_url)
    consent = await press(place, choice, "/consenso", citizen="0")
    fields = dict(consent.forms[0].form_values())

    statuses = []
    for _ in range(2):
        async with place.browser.post(f"{place.idp_url}/risposta", data=fields) as response:
            statuses.append(response.status)

    assert statuses == [200, 400]


@pytest.mark.parametrize("citizen", ["", "99", "-1", "²"])
async def test_only_the_test_citizens_exist(citizen: str, place: Place) -> None:
    choice = await open_page(place, place.begin().redirect_url)
    login = choice.xpath("string(//input[@name='login']/@value)")

    fields = {"login": login, "citizen": citizen}
    async with place.browser.post(f"{place.idp_url}/consenso", data=fields) as response:
        assert response.status == 400


async def test_a_service_that_does_not_answer_is_told_to_the_citizen(
    place: Place, tmp_path: Path, demo_keys: tuple[str, str]
) -> None:
    port, nobody = free_port(), free_port()
    lonely = create_app(
        f"http://127.0.0.1:{port}",
        f"http://127.0.0.1:{nobody}/spid/metadata",
        tmp_path / "x.xml",
        demo_keys,
    )

    async with (
        listening(lonely, port),
        place.browser.get(f"http://127.0.0.1:{port}/sso") as response,
    ):
        assert response.status == 502


@pytest.mark.parametrize(
    ("base_url", "metadata_url", "profile"),
    [
        ("http://127.0.0.1:8081", "http://127.0.0.1:8080/spid/metadata", "production"),
        ("http://0.0.0.0:8081", "http://127.0.0.1:8080/spid/metadata", "demo"),
        ("http://127.0.0.1:8081", "http://intercup.example.it/spid/metadata", "demo"),
    ],
)
async def test_the_demo_provider_starts_on_loopback_in_the_demo_profile_only(
    base_url: str, metadata_url: str, profile: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError):
        await run_demo_idp(base_url, metadata_url, tmp_path / "demo.xml", profile)

    assert not (tmp_path / "demo.xml").exists()
