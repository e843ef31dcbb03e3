"""The environment of each process of `intercup run`: what it needs, by a list."""

from pathlib import Path

import pytest

from intercup.commands.parts import parts_of
from intercup.settings import Settings

PASSWORDS = {
    "INTERCUP_DATABASE_URL": "postgresql+asyncpg://intercup:parola@127.0.0.1/intercup",
    "INTERCUP_SMTP_URL": "smtps://intercup:parola@relay.example.it",
    "INTERCUP_BOUNCE_IMAP_URL": "imaps://rapporti@imap.example.it",
    "PGPASSWORD": "parola",
}


@pytest.fixture
def environments(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, str]]:
    for name, value in PASSWORDS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("INTERCUP_ALARM_TO", "presidio@example.it")
    return {part.name: dict(part.env) for part in parts_of(Settings())}


def test_passwords_go_to_those_who_use_them(environments: dict[str, dict[str, str]]) -> None:
    known = {
        part: {name.removeprefix("INTERCUP_") for name in PASSWORDS if name in environment}
        for part, environment in environments.items()
    }
    assert known == {
        "web": {"DATABASE_URL"},
        "worker": {"DATABASE_URL", "SMTP_URL"},
        "actions": {"DATABASE_URL"},
        "rasa": set(),
        "demo": set(),
    }


def test_files_with_passwords_go_to_those_who_use_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "smtp_url"
    file.write_text("smtps://relay.example.it")
    monkeypatch.setenv("INTERCUP_SMTP_URL_FILE", str(file))
    held = {part.name for part in parts_of(Settings()) if "INTERCUP_SMTP_URL_FILE" in part.env}
    assert held == {"worker"}


def test_rasa_is_told_no_setting_but_the_form_of_its_log(
    environments: dict[str, dict[str, str]],
) -> None:
    names = {name for name in environments["rasa"] if name.startswith("INTERCUP_")}
    assert names == {"INTERCUP_ACTIONS_WEBHOOK", "INTERCUP_RASA_SECRET", "INTERCUP_LOG_FORMAT"}
    assert environments["worker"]["INTERCUP_ALARM_TO"] == "presidio@example.it"


def test_every_rasa_has_a_port_and_log_of_its_own_and_no_password() -> None:
    settings = Settings(rasa_processes=3, rasa_url="http://localhost:7000")
    rasas = [part for part in parts_of(settings) if part.purpose == "comprensione e dialogo"]
    assert [part.name for part in rasas] == ["rasa", "rasa-2", "rasa-3"]
    assert [part.ports[0].number for part in rasas] == [7000, 7001, 7002]
    assert [part.command[-1] for part in rasas] == ["7000", "7001", "7002"]
    assert [part.ready for part in rasas] == [f"{url}/" for url in settings.rasa_urls]
    assert all("INTERCUP_DATABASE_URL" not in part.env for part in rasas)


def test_the_first_rasa_is_where_the_setting_says_and_the_others_follow() -> None:
    assert Settings(rasa_url="http://[::1]:5005").rasa_urls == ("http://[::1]:5005",)
    assert Settings(rasa_url="http://[::1]:5005/", rasa_processes=2).rasa_urls == (
        "http://[::1]:5005/",
        "http://[::1]:5006/",
    )
    assert Settings(rasa_url="http://localhost", rasa_processes=2).rasa_urls == (
        "http://localhost",
        "http://localhost:5006",
    )


def test_a_new_secret_is_handed_to_the_three_that_speak_to_each_other(
    environments: dict[str, dict[str, str]],
) -> None:
    name = "INTERCUP_RASA_SECRET"
    held = {part: env[name] for part, env in environments.items() if name in env}
    assert set(held) == {"web", "actions", "rasa"}
    (secret,) = set(held.values())
    assert len(secret) == 64
    again = {part.name: part.env for part in parts_of(Settings())}
    assert again["web"][name] != secret
