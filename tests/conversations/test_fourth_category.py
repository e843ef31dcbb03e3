"""A fourth category: four YAML files are edited, and a request goes through it to its office."""

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.support.chatting_citizen import ChattingCitizen, number_in
from tests.support.fourth_category import LABEL, copy_assistant, leave_out_sentences
from tests.support.paths import ROOT
from tests.support.running_service import START_LIMIT, RunningService, run_service

KEPT = ROOT / "var/fourth-category"  # the model of the last run
TRAINING_LIMIT = 600.0  # seconds
# Threads of one training wait for each other beside other tests: 305 s in a whole run.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
pytestmark = pytest.mark.timeout(TRAINING_LIMIT + START_LIMIT)

STORY = "mi hanno fatto pagare due volte il ticket della visita, vorrei il rimborso"
SUBJECT = "[InterCup] Richiesta di rimborso - A.O. Papardo di Messina - richiesta {number}"
OFFICE, EMAIL = "cup@aopapardo.it", "agata.lopresti@example.it"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """The whole service on a copy of the assistant, trained if its sources have changed."""
    place = copy_assistant(tmp_path_factory.mktemp("fourth-category"))
    leave_out_sentences(place)
    for file in KEPT.glob("*"):
        shutil.copy(file, place / "bot/models")
    subprocess.run(
        [str(place / ".venv-bot/bin/python"), "-m", "engine.launcher", "train"],
        cwd=place / "bot",
        env=os.environ | ONE_THREAD,
        check=True,
        timeout=TRAINING_LIMIT,
    )
    KEPT.mkdir(parents=True, exist_ok=True)
    for file in sorted((place / "bot/models").glob("intercup.*")):  # the sources' digest last
        shutil.copy(file, KEPT)
    yield from run_service(tmp_path_factory.mktemp("service"), place)


async def test_a_request_of_a_fourth_category_reaches_its_office(service: RunningService) -> None:
    async with ChattingCitizen(service.url) as citizen:
        await citizen.log_in("Agata Lo Presti")
        await citizen.open("portal")
        assert LABEL in citizen.offers
        await citizen.say(STORY)
        assert f"«{LABEL}»" in citizen.text
        await citizen.say("Papardo")
        await citizen.press("Sì, confermo")
        await citizen.press("Sì, confermo")
        assert citizen.input["type"] == "summary"
        await citizen.press("Invia")
        number = number_in(citizen.text)
        mails = await citizen.mails_about(number, 2)
    assert sorted(recipient for mail in mails for recipient in mail["rcpt"]) == [EMAIL, OFFICE]
    for mail in mails:
        assert mail["subject"] == SUBJECT.format(number=number)
        assert f"Tipologia: {LABEL}" in mail["body"]
        assert STORY in " ".join(mail["body"].split())


async def test_its_words_choose_it_where_the_category_is_asked(service: RunningService) -> None:
    async with ChattingCitizen(service.url) as citizen:
        await citizen.log_in("Agata Lo Presti")
        await citizen.open("portal")
        await citizen.say("vorrei assistenza")
        assert LABEL in citizen.offers
        await citizen.say("Rimborso.")
        assert f"«{LABEL}»" in citizen.text


async def test_before_login_it_leads_to_the_login(service: RunningService) -> None:
    async with ChattingCitizen(service.url) as citizen:
        await citizen.open("home")
        await citizen.say(STORY)
        assert "Accedi" in citizen.links
