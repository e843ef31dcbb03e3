"""The environment of each process of `intercup run`: what it needs, by a list."""

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
        "demo-idp": set(),
        "demo-mail": set(),
    }


def test_rasa_is_told_none_of_the_settings(environments: dict[str, dict[str, str]]) -> None:
    names = {name for name in environments["rasa"] if name.startswith("INTERCUP_")}
    assert names == {"INTERCUP_ACTIONS_WEBHOOK", "INTERCUP_RASA_SECRET"}
    assert environments["worker"]["INTERCUP_ALARM_TO"] == "presidio@example.it"


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
