"""Metrics, alert rules and dashboard, with a real Prometheus."""

import asyncio
import json
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from prometheus_client import REGISTRY

from intercup.db.engine import Database
from intercup.domain.directory import Directory
from intercup.metrics import serve_metrics
from intercup.settings import Settings
from tests.support.delivering import deliver
from tests.support.made_requests import AGATA, submit
from tests.support.paths import ROOT
from tests.support.ports import free_port
from tests.support.web_service import Service, StandInRasa, running_service, stand_in_rasa

FOLDER = ROOT / "deploy/prometheus"
DASHBOARD = ROOT / "deploy/grafana/intercup.json"
PATIENCE = 20.0  # seconds
CANARY = "canarinogiallo"


@pytest.fixture(scope="module")
def metrics_url() -> Iterator[str]:
    port = free_port()
    serving = serve_metrics(Settings(metrics_port=port), "web")
    assert serving
    yield f"http://127.0.0.1:{port}/metrics"
    serving.shutdown()
    serving.server_close()


@pytest.fixture
async def rasa() -> AsyncIterator[StandInRasa]:
    async with stand_in_rasa() as rasa:
        yield rasa


@pytest.fixture
async def service(
    database: Database,
    directory: Directory,
    tmp_path: Path,
    rasa: StandInRasa,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Service]:
    monkeypatch.setattr("intercup.web.health.WATCH_EVERY", 0.1)
    async with running_service(database, directory, tmp_path, rasa.url) as service:
        yield service


def used_metrics() -> set[str]:
    texts = (FOLDER / "intercup-alerts.yml").read_text("utf-8") + DASHBOARD.read_text("utf-8")
    return set(re.findall(r"\bintercup_[a-z_]+", texts))


def known_metrics() -> set[str]:
    """The names of all series, with those that Prometheus derives."""
    families = [family for family in REGISTRY.collect() if family.name.startswith("intercup_")]
    suffixes = {"counter": ["_total"], "gauge": [""], "histogram": ["_bucket"]}
    return {family.name + suffix for family in families for suffix in suffixes[family.type]}


def test_rules_and_dashboard_use_every_metric_and_no_other() -> None:
    assert used_metrics() == known_metrics()


def test_every_metric_and_alarm_is_documented() -> None:
    document = (ROOT / "docs/operations.md").read_text("utf-8")
    (group,) = yaml.safe_load((FOLDER / "intercup-alerts.yml").read_text("utf-8"))["groups"]
    names = {f"`{name.removesuffix('_bucket')}`" for name in known_metrics()}
    names |= {f"`{rule['alert']}`" for rule in group["rules"]}
    assert {name for name in names if name not in document} == set()


def test_every_alarm_goes_off_when_it_must_and_only_then() -> None:
    subprocess.run(
        ["promtool", "test", "rules", "intercup-alerts-test.yml"], cwd=FOLDER, check=True
    )
    tested = (FOLDER / "intercup-alerts-test.yml").read_text("utf-8")
    (group,) = yaml.safe_load((FOLDER / "intercup-alerts.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]:
        assert f"- name: {rule['alert']}\n" in tested


async def test_the_metrics_tell_what_happened_and_of_nobody(
    service: Service, directory: Directory, rasa: StandInRasa, metrics_url: str
) -> None:
    async with service.browser(AGATA) as browser:
        await browser.open_chat("portal")
        await browser.say(f"ciao {CANARY}")
        rasa.replies = None
        await browser.say(f"ciao {CANARY}")
        await browser.send({"id": CANARY})
        await submit(service.database, directory)
        await deliver(service.database, "smtp://127.0.0.1:1")
        await asyncio.sleep(0.5)
        async with browser.session.get(metrics_url) as response:
            text = await response.text()
    for line in (
        r'intercup_turns_total\{outcome="answered"\} [1-9]',
        r'intercup_turns_total\{outcome="unavailable"\} [1-9]',
        r'intercup_failures_total\{part="rasa",reason="no usable reply"\} [1-9]',
        r'intercup_failures_total\{part="web",reason="bad_request"\} [1-9]',
        r'intercup_seconds_count\{part="database_wait"\} [1-9]',
        r'intercup_delivery_results_total\{result="channel_down"\} [1-9]',
        r"intercup_database_up 1",
    ):
        assert re.search(line, text), line
    for word in (CANARY, AGATA.name, AGATA.surname, AGATA.email, "@"):
        assert word not in text


async def test_a_real_prometheus_scrapes_the_metrics_and_loads_the_rules(
    metrics_url: str, tmp_path: Path
) -> None:
    config = (FOLDER / "prometheus.yml").read_text("utf-8")
    config = config.replace("127.0.0.1:9410", metrics_url.split("/")[2]).replace("15s", "1s")
    config = config.replace("scrape_timeout: 5s", "scrape_timeout: 1s")
    config = config.replace("- intercup-alerts.yml", f"- {FOLDER}/intercup-alerts.yml")
    config += "\nglobal: {evaluation_interval: 1s}\n"
    (tmp_path / "prometheus.yml").write_text(config, "utf-8")
    address = f"127.0.0.1:{free_port()}"
    command = ["prometheus", f"--config.file={tmp_path}/prometheus.yml"]
    command += [f"--storage.tsdb.path={tmp_path}/data", f"--web.listen-address={address}"]
    with (tmp_path / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
    try:
        async with aiohttp.ClientSession() as http, asyncio.timeout(PATIENCE):
            assert await first_value(http, address, 'up{job="intercup",part="web"} == 1') == "1"
            # The worker's port is closed here: a part that doesn't answer.
            assert await first_value(http, address, 'up{job="intercup",part="worker"}') == "0"
            assert await first_value(http, address, 'ALERTS{alertname="ParteFerma"}') == "1"
    finally:
        process.terminate()
        await process.wait()


async def first_value(http: aiohttp.ClientSession, address: str, query: str) -> str:
    """Wait for the query's first value."""
    while True:
        try:
            async with http.get(
                f"http://{address}/api/v1/query", params={"query": query}
            ) as response:
                body: dict[str, Any] = json.loads(await response.text())
                if found := body["data"]["result"]:
                    return str(found[0]["value"][1])
        except (aiohttp.ClientError, KeyError, ValueError):
            pass
        await asyncio.sleep(0.3)
