"""Settings: where they come from, and what production refuses."""

import re
import stat
from pathlib import Path

import pytest

from intercup.administration import FILE, load_administration
from intercup.commands.terminal import settings_to_serve
from intercup.errors import ConfigurationError
from intercup.mail.bounce_address import PecMailbox
from intercup.mail.smtp_address import UNREADABLE
from intercup.private_files import make_private
from intercup.settings import SECRETS, Settings, load_settings
from tests.support.paths import ROOT


@pytest.fixture(autouse=True)
def config_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "intercup.toml"
    path.write_text("http_port = 9001\n", "utf-8")
    monkeypatch.setenv("INTERCUP_CONFIG_FILE", str(path))
    return path


@pytest.fixture
def production(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set what production needs; returns the folder with the files."""
    (tmp_path / "secret.key").write_text("k" * 32)
    (tmp_path / "spid" / "providers").mkdir(parents=True)
    (tmp_path / "spid" / "key.pem").touch()
    (tmp_path / "spid" / "certificate.pem").touch()
    (tmp_path / "spid" / "register.key").touch()
    values = {
        "PROFILE": "production",
        "BASE_URL": "https://intercup.example.it",
        "DATA_DIR": str(tmp_path),
        "SMTP_URL": "smtps://relay.example.it",
        "MAIL_FROM": "assistenza@example.it",
        "SECRET_KEY_FILE": str(tmp_path / "secret.key"),
        "ADMINISTRATION_FILE": str(ROOT / "config/examples/administration.yaml"),
    }
    for name, value in values.items():
        monkeypatch.setenv(f"INTERCUP_{name}", value)
    make_private([tmp_path])
    return tmp_path


def problems() -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    return caught.value.problems


def test_the_file_wins_over_the_default() -> None:
    assert load_settings().http_port == 9001


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERCUP_HTTP_PORT", "9002")
    assert load_settings().http_port == 9002


def test_what_is_not_set_follows_from_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERCUP_DATA_DIR", "/srv/intercup")
    settings = load_settings()
    assert settings.base_url == "http://127.0.0.1:9001"
    assert settings.spid_entity_id == settings.base_url
    assert settings.database_url == "sqlite+aiosqlite:////srv/intercup/intercup.db"
    assert settings.spid_key_file == Path("/srv/intercup/spid/key.pem")


def test_a_slash_at_the_end_of_the_address_does_not_matter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("INTERCUP_BASE_URL", "http://localhost:9001/")
    assert load_settings().base_url == "http://localhost:9001"


def test_every_unknown_variable_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERCUP_SMPT_URL", "smtp://x")
    monkeypatch.setenv("INTERCUP_DEBUG", "1")
    assert sorted(problems()) == [
        "INTERCUP_DEBUG: impostazione sconosciuta",
        "INTERCUP_SMPT_URL: impostazione sconosciuta",
    ]


def test_an_unknown_entry_of_the_file_is_told(config_file: Path) -> None:
    config_file.write_text("htp_port = 1\n", "utf-8")
    assert problems()[0].startswith("INTERCUP_HTP_PORT: ")


def test_every_wrong_value_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERCUP_HTTP_PORT", "99999")
    monkeypatch.setenv("INTERCUP_PROFILE", "prod")
    names = {problem.partition(":")[0] for problem in problems()}
    assert names == {"INTERCUP_HTTP_PORT", "INTERCUP_PROFILE"}


def test_a_file_that_is_no_toml_is_told(config_file: Path) -> None:
    config_file.write_text("http_port = = 1\n", "utf-8")
    assert str(config_file) in problems()[0]


def test_a_named_file_that_is_missing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTERCUP_CONFIG_FILE", str(tmp_path / "typo.toml"))
    assert "typo.toml" in problems()[0]


def test_production_starts_with_all_it_needs(production: Path) -> None:
    assert load_settings().is_demo is False


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BASE_URL", "http://intercup.example.it"),
        ("BASE_URL", "https://[intercup.example.it"),
        ("DESK_URL", "https://intercup.example.it:x"),
        ("SMTP_URL", "smtp://relay.example.it"),
        ("SMTP_URL", ""),
        ("MAIL_FROM", ""),
        ("MAIL_FROM", "intercup-assistenza@localhost.localdomain"),
        ("SECRET_KEY_FILE", "/nowhere/secret.key"),
        ("SECRET_KEY_FILE", ""),
        ("SPID_KEY_FILE", "/nowhere/key.pem"),
        ("SPID_CERTIFICATE_FILE", "/nowhere/certificate.pem"),
        ("SPID_PROVIDERS_DIR", "/nowhere/providers"),
        ("SPID_REGISTER_KEY_FILE", "/nowhere/register.key"),
    ],
)
def test_production_refuses(
    production: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"INTERCUP_{name}", value)
    assert [problem.partition(":")[0] for problem in problems()] == [f"INTERCUP_{name}"]


def test_production_refuses_an_administration_with_placeholders(
    production: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INTERCUP_ADMINISTRATION_FILE")
    found = [problem.split(": ")[1] for problem in problems()]
    assert found == load_administration(FILE).missing()


def test_production_refuses_a_short_key(production: Path) -> None:
    (production / "secret.key").write_text("k" * 31)
    assert problems()[0].startswith("INTERCUP_SECRET_KEY_FILE")


def test_production_refuses_the_demo_identity_provider(production: Path) -> None:
    (production / "spid" / "providers" / "demo.xml").touch()
    assert problems()[0].startswith("INTERCUP_SPID_PROVIDERS_DIR")


def test_production_tells_all_problems_at_once(
    production: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTERCUP_BASE_URL", "http://x")
    monkeypatch.setenv("INTERCUP_SMTP_URL", "smtp://x")
    (production / "secret.key").unlink()
    assert len(problems()) == 3


@pytest.mark.parametrize("name", ["RASA_URL", "ACTIONS_URL"])
@pytest.mark.parametrize(
    "url",
    [
        *("http://0.0.0.0:5055", "http://[::]:5055", "http://10.0.0.5:5055", "http://rasa:5005"),
        *("http://127.0.0.1:x", "http://[127.0.0.1", ""),
    ],
)
def test_servers_without_authentication_stay_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, name: str, url: str
) -> None:
    monkeypatch.setenv(f"INTERCUP_{name}", url)
    assert [problem.split(":")[0] for problem in problems()] == [f"INTERCUP_{name}"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_any_name_of_this_machine_will_do(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("INTERCUP_ACTIONS_URL", f"http://{host}:6055")
    assert load_settings().actions_url == f"http://{host}:6055"


def test_the_demo_makes_its_key_once_and_for_itself(tmp_path: Path) -> None:
    first = Settings(data_dir=tmp_path / "data").secret_key
    assert len(first) >= 32
    assert Settings(data_dir=tmp_path / "data").secret_key == first
    mode = (tmp_path / "data" / "secret.key").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


@pytest.mark.parametrize(
    "url",
    [
        "imap://utente@imap.example.it",
        "imaps://imap.example.it",
        "imaps://a:b@example.it",
        "imaps://a:b[@example.it",
        "imaps://a:1/b@example.it",
        "imaps://a@example.it:b",
        "imaps://a@[example.it",
    ],
)
def test_an_unsafe_mailbox_for_reports_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str
) -> None:
    (tmp_path / "bounces.password").write_text("segreta")
    monkeypatch.setenv("INTERCUP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("INTERCUP_BOUNCE_IMAP_URL", url)
    with pytest.raises(ConfigurationError, match="INTERCUP_BOUNCE_IMAP_URL"):
        load_settings()


@pytest.mark.parametrize("address", ["non-una-casella", f"{'a' * 40}@example.it"])
def test_an_address_that_takes_no_token_is_refused(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("INTERCUP_BOUNCE_ADDRESS", address)
    with pytest.raises(ConfigurationError, match="INTERCUP_BOUNCE_ADDRESS"):
        load_settings()


def test_a_certified_sender_has_its_receipts_and_no_other_envelope_sender(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("INTERCUP_MAIL_FROM", "assistenza@pec.example.it")
    monkeypatch.setenv("INTERCUP_MAIL_FROM_IS_PEC", "true")
    settings = load_settings()
    assert settings.reports == PecMailbox("assistenza@pec.example.it")
    assert settings.mails.bounces is None
    monkeypatch.setenv("INTERCUP_BOUNCE_ADDRESS", "rapporti@example.it")
    with pytest.raises(ConfigurationError, match="deve restare vuoto"):
        load_settings()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "intercup.example.it", ""])  # noqa: S104
def test_the_demo_stays_on_this_machine(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("INTERCUP_HTTP_HOST", host)
    assert problems() == [
        "INTERCUP_HTTP_HOST: nella demo deve essere un indirizzo di questa macchina"
    ]


def test_production_is_served_where_the_proxy_finds_it(
    production: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTERCUP_HTTP_HOST", "0.0.0.0")  # noqa: S104
    assert load_settings().http_host == "0.0.0.0"  # noqa: S104


@pytest.mark.parametrize(
    ("name", "url"),
    [
        *(("SMTP_URL", f"smtps://utente:pa{sign}ss@relay.it") for sign in "#/?[\u2100"),
        # The text before the sign could be a port.
        *(("SMTP_URL", f"smtps://utente:12{sign}ss@relay.it") for sign in "#/?"),
        ("SMTP_URL", "smtps://utente:segreto@relay.it:pass"),
        ("SMTP_URL", "relay.it"),
        ("DATABASE_URL", "postgresql+asyncpg://utente:pa@ss:segreto@db.it/intercup"),
        ("DATABASE_URL", "postgresql+asyncpg://utente:segreto@db.it:pass/intercup"),
        ("DATABASE_URL", "pass"),
    ],
)
def test_a_url_that_cannot_be_read_is_named_and_never_quoted(
    monkeypatch: pytest.MonkeyPatch, name: str, url: str
) -> None:
    monkeypatch.setenv(f"INTERCUP_{name}", url)
    assert problems() == [f"INTERCUP_{name}: {UNREADABLE}"]


def test_an_escaped_password_is_what_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERCUP_SMTP_URL", "smtps://u%40a:p%23a%2Fs%3Fs%25@relay.example.it")
    relay = load_settings().relay
    assert (relay.username, relay.password) == ("u@a", "p#a/s?s%")
    assert (relay.host, relay.port) == ("relay.example.it", 465)


@pytest.mark.parametrize(
    ("base_url", "given", "ehlo_name"),
    [
        ("https://intercup.example.it/", "", "intercup.example.it"),
        ("http://127.0.0.1:8080", "", "[127.0.0.1]"),
        ("http://[::1]:8080", "", "[IPv6:::1]"),
        ("https://intercup.example.it", "posta.example.it", "posta.example.it"),
    ],
)
def test_the_relay_hears_the_public_host(
    monkeypatch: pytest.MonkeyPatch, base_url: str, given: str, ehlo_name: str
) -> None:
    monkeypatch.setenv("INTERCUP_BASE_URL", base_url)
    monkeypatch.setenv("INTERCUP_SMTP_EHLO_NAME", given)
    assert load_settings().relay.ehlo_name == ehlo_name


@pytest.mark.parametrize(
    "name",
    [
        *("secret.key", "spid/key.pem", "spid/register.key", "bounces.password"),
        *("intercup.db", "intercup.db-wal", "intercup.db-shm"),
    ],
)
def test_keys_and_databases_that_others_can_read_are_told(production: Path, name: str) -> None:
    assert load_settings().readable_files() == []
    (production / name).touch()
    (production / name).chmod(0o644)
    (problem,) = load_settings().readable_files()
    assert problem.startswith(f"{production / name}: ")


def test_production_does_not_start_on_a_key_that_others_can_read(
    production: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path_factory.mktemp("keys") / "secret.key"
    key.write_text("k" * 32)
    key.chmod(0o604)
    monkeypatch.setenv("INTERCUP_SECRET_KEY_FILE", str(key))
    with pytest.raises(ConfigurationError) as caught:
        settings_to_serve(sends_mail=True)
    assert caught.value.problems[0].startswith(str(key))


def test_what_stands_in_the_data_folder_is_closed_at_the_start(production: Path) -> None:
    (production / "secret.key").chmod(0o644)
    settings_to_serve(sends_mail=True)
    assert (production / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_process_that_sends_no_mail_needs_no_relay(
    production: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INTERCUP_SMTP_URL")
    assert not load_settings(sends_mail=False).is_demo
    assert [problem.partition(":")[0] for problem in problems()] == ["INTERCUP_SMTP_URL"]


@pytest.mark.parametrize("name", ["database_url", "smtp_url", "bounce_imap_url", "rasa_secret"])
def test_every_secret_can_be_read_from_a_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert name in SECRETS
    value = {
        "database_url": "postgresql+asyncpg://u:p@db/intercup",
        "smtp_url": "smtps://u:p@relay.example.it",
        "bounce_imap_url": "imaps://u@imap.example.it/INBOX",
        "rasa_secret": "s" * 64,
    }[name]
    (tmp_path / "bounces.password").write_text("p")
    monkeypatch.setenv("INTERCUP_BOUNCE_IMAP_PASSWORD_FILE", str(tmp_path / "bounces.password"))
    file = tmp_path / name
    file.write_text(f"{value}\n")
    monkeypatch.setenv(f"INTERCUP_{name.upper()}_FILE", str(file))
    assert getattr(load_settings(), name) == value
    monkeypatch.setenv(f"INTERCUP_{name.upper()}", value)
    assert getattr(load_settings(), name) == value
    monkeypatch.setenv(f"INTERCUP_{name.upper()}", "another")
    assert problems() == [f"INTERCUP_{name.upper()}: è diverso dal contenuto di {file}"]
    file.unlink()
    assert problems() == [f"INTERCUP_{name.upper()}_FILE: {file} non è leggibile"]


def test_no_other_setting_holds_a_secret_without_a_file() -> None:
    may_hold_one = re.compile(r"(secret|password|key|_url)$")
    public = {"base_url", "desk_url", "source_url", "rasa_url", "actions_url"}
    public |= {"spid_organization_url"}
    found = {name for name in Settings.model_fields if may_hold_one.search(name)}
    assert found - public == set(SECRETS)


def test_a_secret_that_others_can_read_is_told_in_production(
    production: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = production / "database_url"
    file.write_text("postgresql+asyncpg://u:p@db/intercup")
    file.chmod(0o644)
    monkeypatch.setenv("INTERCUP_DATABASE_URL_FILE", str(file))
    assert any(str(file) in problem for problem in load_settings().readable_files())


def test_the_demo_keeps_sentences_for_the_team() -> None:
    assert load_settings().keeps_sentences


@pytest.mark.parametrize(
    ("given", "missing"), [("legal_basis", "NOTICE"), ("notice", "LEGAL_BASIS")]
)
def test_sentences_need_both_a_legal_basis_and_a_notice(
    production: Path, monkeypatch: pytest.MonkeyPatch, given: str, missing: str
) -> None:
    assert not load_settings().keeps_sentences
    monkeypatch.setenv(f"INTERCUP_SENTENCE_{given.upper()}", "determina n. 12")
    (problem,) = problems()
    assert problem.startswith(f"INTERCUP_SENTENCE_{missing}:")
    monkeypatch.setenv(f"INTERCUP_SENTENCE_{missing}", "informativa del 3 marzo")
    assert load_settings().keeps_sentences
