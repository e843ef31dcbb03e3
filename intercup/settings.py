"""Settings from config/intercup.toml; INTERCUP_* environment variables override it."""

import os
import secrets
from functools import cached_property
from ipaddress import ip_address, ip_network
from pathlib import Path
from tomllib import TOMLDecodeError
from typing import Any, Literal, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from intercup.administration import FILE, load_administration
from intercup.domain.mailbox import is_mailbox
from intercup.errors import ConfigurationError
from intercup.mail.bounce_address import BounceAddress, PecMailbox, ReportAddress, fits
from intercup.mail.mail_settings import MailSettings
from intercup.mail.smtp_address import UNREADABLE, SmtpAddress
from intercup.private_files import JOURNALS, is_readable_by_others

DEFAULT_CONFIG_FILE = "config/intercup.toml"
SECRET_BYTES = 32
RASA_PORT = 5005
SQLITE = "sqlite+aiosqlite:///"
# Settings that may hold a password: each can also be the content of the file NAME_FILE.
SECRETS = ("database_url", "smtp_url", "bounce_imap_url", "rasa_secret")
# The administration's in SPID's metadata and certificate.
REGISTERED = (
    *("spid_organization_name", "spid_organization_url", "spid_contact_email"),
    *("spid_contact_phone", "spid_ipa_code", "spid_fiscal_code", "spid_locality"),
)
MEASURED = ("web", "worker", "actions")  # parts with metrics, in the order of their ports


class Settings(BaseSettings):
    """Every setting; config/intercup.toml explains each in Italian."""

    model_config = SettingsConfigDict(env_prefix="INTERCUP_", extra="forbid", frozen=True)

    profile: Literal["demo", "production"] = "demo"
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=1, le=65535)
    http_proxies: int = Field(default=0, ge=0, le=5)
    base_url: str = ""
    data_dir: Path = Path("var")
    database_url: str = ""
    database_url_file: str = ""
    backup_recipient: str = ""
    structures_file: Path = Path("config/structures.yaml")
    administration_file: Path = FILE  # read by intercup.administration
    secret_key_file: Path | None = None
    static_dir: Path = Path("web-widget/dist")
    source_url: str = ""
    web_analytics_site: str = Field(default="", pattern=r"^[A-Za-z0-9]{0,20}$")

    desk_url: str = ""
    desk_addresses: list[str] = []
    desk_shows_texts: bool = False

    smtp_url: str = ""
    smtp_url_file: str = ""
    smtp_ehlo_name: str = ""
    mail_from: str = "intercup-assistenza@localhost.localdomain"
    mail_from_is_pec: bool = False
    bounce_address: str = ""
    bounce_imap_url: str = ""
    bounce_imap_url_file: str = ""
    bounce_imap_password_file: Path | None = None

    mail_files_max: int = Field(default=10_000_000, ge=0)
    clamd_socket: str = ""

    alarm_to: str = ""

    answer_days: int = Field(default=5, ge=0, le=30)

    metrics_host: str = "127.0.0.1"
    metrics_port: int = Field(default=0, ge=0, le=65533)
    otlp_endpoint: str = ""
    log_format: Literal["text", "json"] = "text"
    log_size: int = Field(default=10_000_000, ge=10_000)
    log_files: int = Field(default=5, ge=1, le=100)

    requests_per_hour: int = Field(default=10, ge=1)
    requests_per_day: int = Field(default=30, ge=1)
    requests_per_hour_ip: int = Field(default=100, ge=1)
    requests_per_day_ip: int = Field(default=300, ge=1)
    logins_per_hour_ip: int = Field(default=300, ge=1)
    chats_per_hour_ip: int = Field(default=300, ge=1)
    messages_per_hour: int = Field(default=300, ge=1)
    messages_per_hour_ip: int = Field(default=3_000, ge=1)
    connections_per_ip: int = Field(default=256, ge=10)
    events_per_ip: int = Field(default=100, ge=1)

    rasa_url: str = "http://127.0.0.1:5005"  # of the first process; the others' ports follow
    rasa_processes: int = Field(default=1, ge=1, le=8)
    rasa_timeout: float = Field(default=7.5, gt=0, le=60)
    actions_url: str = "http://127.0.0.1:5055"
    rasa_secret: str = ""
    rasa_secret_file: str = ""

    sentence_legal_basis: str = ""
    sentence_notice: str = ""
    sentence_days: int = Field(default=30, ge=1, le=90)

    spid_entity_id: str = ""
    spid_key_file: Path | None = None
    spid_certificate_file: Path | None = None
    spid_providers_dir: Path | None = None
    spid_organization_name: str = "Regione Siciliana"
    spid_organization_url: str = "https://www.regione.sicilia.it"
    spid_contact_email: str = "intercup@regione.sicilia.it"
    spid_contact_phone: str = "+390917071111"
    spid_ipa_code: str = "r_sicili"
    spid_fiscal_code: str = "80012000826"
    spid_locality: str = "Palermo"
    spid_request_binding: Literal["redirect", "post"] = "redirect"
    spid_register_key_file: Path | None = None

    cie_entity_id: str = ""
    cie_providers_dir: Path | None = None
    cie_municipality: str = "082053"

    demo_idp_port: int = Field(default=8081, ge=1, le=65535)
    demo_smtp_port: int = Field(default=1025, ge=1, le=65535)

    @field_validator("alarm_to")
    @classmethod
    def _is_a_mailbox(cls, address: str) -> str:
        if address and not is_mailbox(address):
            raise ValueError("non è un indirizzo e-mail")
        return address

    @field_validator("desk_addresses")
    @classmethod
    def _are_networks(cls, networks: list[str]) -> list[str]:
        for network in networks:
            ip_network(network)
        return networks

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        config_file = os.environ.get("INTERCUP_CONFIG_FILE", DEFAULT_CONFIG_FILE)
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, config_file)

    @model_validator(mode="before")
    @classmethod
    def _read_secrets(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Read the secrets given as files."""
        for name in SECRETS:
            if not (path := values.get(f"{name}_file")):
                continue
            try:
                secret = Path(path).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise ValueError(f"INTERCUP_{name.upper()}_FILE: {path} non è leggibile") from error
            if values.setdefault(name, secret) != secret:
                raise ValueError(f"INTERCUP_{name.upper()}: è diverso dal contenuto di {path}")
        return values

    @model_validator(mode="after")
    def _fill_what_follows(self) -> Self:
        """Derive the settings left empty from the others."""
        derived: dict[str, object] = {
            "base_url": f"http://{self.http_host}:{self.http_port}",
            "database_url": f"{SQLITE}{self.data_dir / 'intercup.db'}",
            "smtp_url": f"smtp://127.0.0.1:{self.demo_smtp_port}" if self.is_demo else "",
            "bounce_imap_password_file": self.data_dir / "bounces.password",
            "secret_key_file": self.data_dir / "secret.key" if self.is_demo else None,
            "spid_key_file": self.data_dir / "spid" / "key.pem",
            "spid_certificate_file": self.data_dir / "spid" / "certificate.pem",
            "spid_providers_dir": self.data_dir / "spid" / "providers",
            "spid_register_key_file": self.data_dir / "spid" / "register.key",
            "cie_providers_dir": self.data_dir / "cie" / "providers",
        }
        for name, value in derived.items():
            if not getattr(self, name):
                object.__setattr__(self, name, value)
        object.__setattr__(self, "base_url", self.base_url.rstrip("/"))
        object.__setattr__(self, "desk_url", self.desk_url.rstrip("/") or self.base_url)
        if not self.spid_entity_id:
            object.__setattr__(self, "spid_entity_id", self.base_url)
        return self

    def metrics_port_of(self, part: str) -> int | None:
        """Return the port of a part's metrics, if they are served."""
        return self.metrics_port + MEASURED.index(part) if self.metrics_port else None

    @property
    def is_demo(self) -> bool:
        return self.profile == "demo"

    @property
    def mailbox_dir(self) -> Path:
        """The folder of the demo's mail catcher."""
        return self.data_dir / "mailbox"

    @cached_property
    def secret_key(self) -> bytes:
        """The key for signatures and derived keys; only the demo profile creates a missing one."""
        path = self.secret_key_file
        if path is None or not path.is_file():
            if not self.is_demo or path is None:
                raise ConfigurationError(["INTERCUP_SECRET_KEY_FILE: il file della chiave manca"])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_bytes(secrets.token_hex(SECRET_BYTES).encode())
        return path.read_bytes().strip()

    @cached_property
    def relay(self) -> SmtpAddress:
        """The relay's address, with our public host as EHLO name.

        Raises:
            ValueError: smtp_url can't be read.
        """
        return SmtpAddress.parse(self.smtp_url, self.smtp_ehlo_name or _ehlo_name(self.base_url))

    @property
    def mails(self) -> MailSettings:
        """The settings of the mails."""
        return MailSettings(self.mail_from, self.base_url, self.bounces, self.mail_files_max)

    @property
    def bounces(self) -> BounceAddress | None:
        """The envelope senders of the mails; None if bounces aren't read."""
        return BounceAddress(self.bounce_address, self.secret_key) if self.bounce_address else None

    @property
    def reports(self) -> ReportAddress | None:
        """The address that reports about the mails come to; None if they aren't read."""
        return PecMailbox(self.mail_from) if self.mail_from_is_pec else self.bounces

    def url_problems(self) -> list[str]:
        """List unreadable URLs by the name of their setting, as they may contain passwords."""
        problems = []
        if self.smtp_url:
            try:
                _ = self.relay
            except ValueError as error:
                problems.append(f"INTERCUP_SMTP_URL: {error}")
        if not _is_database_url(self.database_url):
            problems.append(f"INTERCUP_DATABASE_URL: {UNREADABLE}")
        return problems

    def bounce_problems(self) -> list[str]:
        """List the problems of the mailbox for delivery reports."""
        problems = []
        if self.bounce_address and not fits(self.bounce_address):
            problems.append("INTERCUP_BOUNCE_ADDRESS: non è una casella, o il nome è troppo lungo")
        if self.bounce_address and self.mail_from_is_pec:
            problems.append("INTERCUP_BOUNCE_ADDRESS: con mail_from_is_pec deve restare vuoto")
        if not self.bounce_imap_url:
            return problems
        imap = _split(self.bounce_imap_url)
        is_safe = imap.scheme == "imaps" or (
            imap.scheme == "imap" and _is_loopback(imap.hostname or "")
        )
        if not is_safe or not imap.username or imap.password:
            problems.append("INTERCUP_BOUNCE_IMAP_URL: serve imaps://utente@host, senza password")
        password_file = self.bounce_imap_password_file
        if password_file is None or not password_file.is_file():
            problems.append("INTERCUP_BOUNCE_IMAP_PASSWORD_FILE: il file della password manca")
        return problems

    @property
    def keeps_sentences(self) -> bool:
        """Return True if sentences are kept for the technical team (docs/tuning.md)."""
        return self.is_demo or bool(self.sentence_legal_basis and self.sentence_notice)

    def sentence_problems(self) -> list[str]:
        """List what is missing where only legal basis or notice is set."""
        given = {"legal_basis": self.sentence_legal_basis, "notice": self.sentence_notice}
        return [
            f"INTERCUP_SENTENCE_{name.upper()}: manca; per conservare frasi servono base giuridica"
            " e informativa"
            for name, value in given.items()
            if not value and any(given.values())
        ]

    @property
    def rasa_urls(self) -> tuple[str, ...]:
        """The addresses of all Rasa processes."""
        first = urlsplit(self.rasa_url)
        port = first.port or RASA_PORT
        host = first.netloc.removesuffix(f":{first.port}")
        others = (f"{host}:{port + number}" for number in range(1, self.rasa_processes))
        return self.rasa_url, *(first._replace(netloc=other).geturl() for other in others)

    def exposed_servers(self) -> list[str]:
        """List the addresses of Rasa and its actions that other machines could reach.

        They ask for a secret, which would travel in clear.
        """
        return [
            f"INTERCUP_{name.upper()}: deve essere un indirizzo di questa macchina, come 127.0.0.1"
            for name in ("rasa_url", "actions_url")
            if not _is_loopback(_host(getattr(self, name)))
        ]

    def demo_problems(self) -> list[str]:
        """List settings that would expose the demo, with its test logins, to other machines."""
        return [
            f"INTERCUP_{name.upper()}: nella demo deve essere un indirizzo di questa macchina"
            for name in ("http_host", "metrics_host")
            if self.is_demo and not _is_loopback(getattr(self, name))
        ]

    @property
    def database_file(self) -> Path | None:
        """The SQLite file; None with another database."""
        scheme, _, path = self.database_url.partition(":///")
        return Path(path.partition("?")[0]) if scheme.startswith("sqlite") and path else None

    def own_files(self) -> list[Path]:
        """List the service's private paths: the data folder, and files outside of it."""
        database = self.database_file
        if database is None:
            return [self.data_dir]
        return [self.data_dir, *_with_journals(database)]

    def readable_files(self) -> list[str]:
        """List keys and databases readable by other users of the machine."""
        names = ["secret_key_file", "spid_key_file", "spid_register_key_file"]
        names += ["bounce_imap_password_file", *(f"{name}_file" for name in SECRETS)]
        keys = [Path(path) for name in names if (path := getattr(self, name))]
        return [
            f"{path}: altri utenti della macchina possono leggerlo; serve chmod o-rwx"
            for path in (*keys, *_with_journals(self.database_file))
            if is_readable_by_others(path)
        ]

    def registered_for_another(self) -> list[str]:
        """List the settings of SPID's registration that are still another administration's."""
        fields = Settings.model_fields
        ours = load_administration(self.administration_file).names.administration
        if ours == fields["spid_organization_name"].default:
            return []
        return [
            f"INTERCUP_{name.upper()}"
            for name in REGISTERED
            if getattr(self, name) == fields[name].default
        ]

    def production_problems(self, *, sends_mail: bool) -> list[str]:
        """List the settings unsafe for production; empty in the demo profile."""
        if self.is_demo:
            return []
        problems = []
        public = {self.desk_url: "DESK_URL", self.base_url: "BASE_URL"}  # one if they are the same
        problems += [
            f"INTERCUP_{name}: in produzione serve un indirizzo che cominci con https://"
            for url, name in public.items()
            if _split(url).scheme != "https" or not _host(url)
        ]
        is_safe = self.smtp_url.partition(":")[0] in ("smtps", "smtp+starttls")
        if sends_mail and not is_safe:
            problems.append("INTERCUP_SMTP_URL: in produzione serve smtps:// o smtp+starttls://")
        is_default = self.mail_from == Settings.model_fields["mail_from"].default
        if is_default or not is_mailbox(self.mail_from):
            problems.append("INTERCUP_MAIL_FROM: manca l'indirizzo del mittente")
        if self.secret_key_file is None or not self.secret_key_file.is_file():
            problems.append("INTERCUP_SECRET_KEY_FILE: il file della chiave manca")
        elif len(self.secret_key) < SECRET_BYTES:
            problems.append(f"INTERCUP_SECRET_KEY_FILE: servono almeno {SECRET_BYTES} byte")
        for name in (
            "spid_key_file",
            "spid_certificate_file",
            "spid_providers_dir",
            "spid_register_key_file",
        ):
            path = getattr(self, name)
            if not path.exists():
                problems.append(f"INTERCUP_{name.upper()}: {path} non esiste")
        if self.spid_providers_dir and (self.spid_providers_dir / "demo.xml").exists():
            problems.append("INTERCUP_SPID_PROVIDERS_DIR: contiene il fornitore dimostrativo")
        missing = load_administration(self.administration_file).missing()
        problems += [f"{self.administration_file}: {path}: è da completare" for path in missing]
        return problems


def load_settings(*, for_setup: bool = False, sends_mail: bool = True) -> Settings:
    """Read the settings; `for_setup` skips the checks of production.

    A process that sends no mail doesn't get the relay, and needs none.

    Raises:
        ConfigurationError: with every problem, each naming its setting.
    """
    config_file = os.environ.get("INTERCUP_CONFIG_FILE")
    if config_file and not Path(config_file).is_file():
        raise ConfigurationError([f"INTERCUP_CONFIG_FILE: {config_file} non esiste"])
    try:
        settings = Settings()
    except TOMLDecodeError as error:
        name = config_file or DEFAULT_CONFIG_FILE
        raise ConfigurationError([f"{name}: TOML non valido: {error}"]) from error
    except ValidationError as error:
        problems = [
            f"INTERCUP_{'_'.join(str(part) for part in e['loc']).upper()}: {e['msg']}"
            if e["loc"]
            else e["msg"].removeprefix("Value error, ")
            for e in error.errors()
        ]
        raise ConfigurationError(problems) from error
    unknown = [
        f"{name}: impostazione sconosciuta"
        for name in os.environ
        if name.startswith("INTERCUP_")
        and name != "INTERCUP_CONFIG_FILE"
        and name.removeprefix("INTERCUP_").lower() not in Settings.model_fields
    ]
    unsafe = [] if for_setup else settings.production_problems(sends_mail=sends_mail)
    problems = (
        unknown
        + settings.demo_problems()
        + settings.exposed_servers()
        + settings.url_problems()
        + settings.bounce_problems()
        + settings.sentence_problems()
        + unsafe
    )
    if problems:
        raise ConfigurationError(problems)
    return settings


def _split(url: str) -> SplitResult:
    """Return a URL's parts, all empty if it can't be read."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return urlsplit("")
    return parts


def _host(url: str) -> str:
    return _split(url).hostname or ""


def _ehlo_name(base_url: str) -> str:
    """Return a URL's host as EHLO names it. Source: RFC 5321, 4.1.3."""
    host = _host(base_url) or "localhost"
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"


def _is_database_url(url: str) -> bool:
    if url.startswith(SQLITE):
        return True  # No import of SQLAlchemy, which processes without a database don't load.
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return "@" not in (make_url(url).host or "")
    except (ArgumentError, ValueError):
        return False


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _with_journals(database: Path | None) -> list[Path]:
    """Return the database's file and those that SQLite puts beside it."""
    if database is None:
        return []
    return [database.with_name(database.name + end) for end in ("", *JOURNALS)]
