"""Role × route: the login without one, no such page without the role; on both databases."""

import pytest

from intercup.db.engine import Database
from intercup.domain.staff import Role
from intercup.services.staff.log import events
from intercup.web.desk.routes import ROUTES
from tests.support.desk import at_desk
from tests.support.made_requests import ROSARIO
from tests.support.web_service import Browser, Service

pytestmark = pytest.mark.both_databases

DESK = "/presidio"
ONE = "/presidio/risposte/{answer:utter_[a-z_]+(?:/[a-z_]+)?}"
FIELD = "/presidio/strutture/{entry:[a-z0-9_-]+}/{name:[a-z]+}"
CHANGE = "/presidio/strutture/cambi/{change:[A-Za-z0-9_-]{43}}"
# The other routes are for every member.
ROLES = {
    ("GET", "/presidio/consegne"): Role.DELIVERIES,
    ("POST", "/presidio/consegne/{id:[0-9]{1,9}}/riprova"): Role.DELIVERIES,
    ("POST", "/presidio/consegne/{id:[0-9]{1,9}}/casella"): Role.DELIVERIES,
    ("GET", "/presidio/senza-risposta"): Role.DELIVERIES,
    ("GET", "/presidio/richieste/{number}"): Role.DELIVERIES,
    ("POST", "/presidio/richieste/{number}/inoltra"): Role.DELIVERIES,
    ("POST", "/presidio/richieste/{number}/revoca"): Role.DELIVERIES,
    ("POST", "/presidio/richieste/{number}/testo"): Role.DELIVERIES,
    ("GET", "/presidio/avvisi"): Role.DIALOGUE,
    ("POST", "/presidio/avvisi"): Role.DIALOGUE,
    ("POST", "/presidio/avvisi/{id:[0-9]{1,9}}/fine"): Role.DIALOGUE,
    ("GET", "/presidio/risposte"): Role.DIALOGUE,
    ("GET", ONE): Role.DIALOGUE,
    ("POST", ONE): Role.DIALOGUE,
    ("GET", "/presidio/strutture"): Role.DIALOGUE,
    ("POST", "/presidio/strutture/fuori"): Role.DIALOGUE,
    ("GET", FIELD): Role.DIALOGUE,
    ("POST", FIELD): Role.DIALOGUE,
    ("POST", f"{CHANGE}/codice"): Role.DIALOGUE,
    ("POST", f"{CHANGE}/nuovo-codice"): Role.DIALOGUE,
    ("POST", f"{CHANGE}/ritira"): Role.DIALOGUE,
    ("POST", f"{CHANGE}/conferma"): Role.RELEASE,
    ("GET", "/presidio/frasi"): Role.DIALOGUE,
    ("POST", "/presidio/frasi/nuova"): Role.DIALOGUE,
    ("POST", "/presidio/frasi/annulla"): Role.DIALOGUE,
    ("GET", "/presidio/frasi/esempi"): Role.DIALOGUE,
    ("POST", "/presidio/frasi/esempi"): Role.DIALOGUE,
    ("POST", "/presidio/frasi/esempi/rimetti"): Role.DIALOGUE,
    ("POST", "/presidio/frasi/{key:[0-9a-f]{12}}"): Role.DIALOGUE,
    ("GET", "/presidio/prova"): Role.DIALOGUE,
    ("POST", "/presidio/prova"): Role.DIALOGUE,
    ("GET", "/presidio/modelli"): Role.DIALOGUE,
    ("POST", "/presidio/modelli/addestra"): Role.DIALOGUE,
    ("POST", "/presidio/modelli/ferma"): Role.DIALOGUE,
    ("GET", "/presidio/modelli/{sha256:[0-9a-f]{64}}"): Role.DIALOGUE,
    ("POST", "/presidio/modelli/{sha256:[0-9a-f]{64}}/pubblica"): Role.RELEASE,
    ("GET", "/presidio/registro"): Role.STAFF,
}
ALSO_RELEASE = {
    key
    for key, role in ROLES.items()
    if key[1].startswith(("/presidio/modelli", "/presidio/strutture")) and role is not Role.RELEASE
}
OPEN = {("GET", "/presidio"), ("GET", "/presidio/numeri"), ("POST", "/presidio/esci")}
NUMBER = "IC-ABCD-EFGH-JKMN"


def test_the_table_of_routes_is_this_one() -> None:
    table = {(route.method, route.path): route.role for route in ROUTES}
    assert table == ROLES | dict.fromkeys(OPEN)
    also = {(route.method, route.path): route.also for route in ROUTES if route.also}
    assert also == dict.fromkeys(ALSO_RELEASE, Role.RELEASE)


async def answers(browser: Browser) -> dict[tuple[str, str], tuple[int, str]]:
    """Status and redirect of each route."""
    found = {}
    for route in sorted(ROUTES, key=lambda route: route.path.endswith("/esci")):
        ask = browser.post if route.method == "POST" else browser.get
        path = route.path.replace("{number}", NUMBER).replace("{id:[0-9]{1,9}}", "7")
        path = path.replace("{key:[0-9a-f]{12}}", "0123456789ab")
        path = path.replace("{sha256:[0-9a-f]{64}}", "0" * 64)
        path = path.replace(ONE, "/presidio/risposte/utter_faq/spid")
        path = path.replace(FIELD, "/presidio/strutture/asp_trapani/places")
        path = path.replace(CHANGE, f"/presidio/strutture/cambi/{'c' * 43}")
        more = {"data": {}} if route.method == "POST" else {}
        async with ask(path, **more) as response:
            found[route.method, route.path] = response.status, response.headers.get("Location", "")
    return found


async def test_without_login_each_route_leads_to_it(service: Service, browser: Browser) -> None:
    for key, (status, target) in (await answers(browser)).items():
        assert status == 303, key
        assert target.startswith(f"{service.base_url}/accedi?ritorno=/presidio"), key


async def test_for_a_citizen_who_is_no_member_there_is_no_such_page(service: Service) -> None:
    async with service.browser(ROSARIO) as browser:
        assert {status for status, _ in (await answers(browser)).values()} == {404}


async def test_a_member_reaches_the_routes_of_the_role_and_no_other(service: Service) -> None:
    for role in Role:
        async with at_desk(service, role, name=f"Solo {role}") as browser:
            found = await answers(browser)
        hidden = {key for key, (status, _) in found.items() if status == 404}
        others = {key for key, needed in ROLES.items() if needed is not role}
        others -= ALSO_RELEASE if role is Role.RELEASE else set()
        # There is no such request, nor such a model.
        unknown = {key for key in ROLES if "{number}" in key[1] or key[1].endswith("{64}}")}
        assert others <= hidden <= others | unknown, role


async def test_each_page_that_shows_something_stands_in_the_log(
    service: Service, database: Database
) -> None:
    paths = [route.path for route in ROUTES if route.is_noted]
    paths = [path.replace(ONE, f"{DESK}/risposte/utter_greet") for path in paths]
    paths = [path.replace(FIELD, f"{DESK}/strutture/asp_trapani/places") for path in paths]
    async with at_desk(service) as browser:
        for path in (*paths, f"{DESK}/risposte/utter_unknown"):
            async with browser.get(path, params={"words": "Rossi"}) as response:
                assert response.status == (404 if path.endswith("unknown") else 200), path
    async with database.read() as reading:
        seen = [(event.action, event.subject) for event in await events(reading)]
    assert seen[::-1] == [("page_seen", path.removeprefix(f"{DESK}/")) for path in paths]
    others = {route.path for route in ROUTES if route.method == "GET" and not route.is_noted}
    # The first page shows nothing of anybody; these log what they show.
    own = ("richieste/{number}", "frasi", "prova", "modelli", "modelli/{sha256:[0-9a-f]{64}}")
    assert others == {DESK, *(f"{DESK}/{path}" for path in own)}


async def test_a_member_finds_the_way_back_from_a_page_that_is_not_there(
    service: Service, browser: Browser
) -> None:
    async with at_desk(service, Role.STAFF) as member:
        for path in (f"{DESK}/qualcosa", f"{DESK}/consegne"):
            async with member.get(path) as response:
                page = await response.text()
            assert (response.status, "Torna al presidio" in page) == (404, True), path
            assert ("Accedi" in page, "/presidio/registro" in page) == (False, True), path
    async with browser.get(f"{DESK}/qualcosa") as response:
        page = await response.text()
    assert (response.status, "Torna al presidio" in page, "Accedi" in page) == (404, False, True)
