"""The administration that runs the service: names, contacts, looks, from one YAML file.

The texts are written for InterCup of the Regione Siciliana; `named` puts other names in.
"""

import os
import re
import tomllib
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from intercup.domain.forwarding import LINK_LIFE
from intercup.errors import ConfigurationError

FILE = Path("config/administration.yaml")
TRANSLATIONS = Path(__file__).parent / "languages"
# The words of the texts, and the name that replaces each; the longer of two stands first.
WORDS = {
    "della Regione Siciliana": "of",
    "Regione Siciliana": "administration",
    "InterCup": "platform",
}
_WORDS = re.compile("|".join(WORDS))
CONTRAST = 4.5  # of white on the main colour. Source: WCAG 2.2, 1.4.3
MANDATORY = (
    *("office.name", "office.address", "office.pec", "links.accessibility_statement"),
    *(f"privacy.{name}" for name in ("version", "controller", "dpo", "legal_basis")),
    "privacy.rights_contact",
)
# Of browsers and phones, and the picture beside a shared link.
ICONS = ("favicon.ico", "favicon.svg", "apple-touch-icon.png", "preview.png")
NAME = r"^[^{}\x00-\x1f\x7f]+$"
_CHANNEL = 0.03928, 12.92, 0.055, 2.4  # of sRGB. Source: WCAG 2.2, relative luminance


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Names(_Section):
    """The names in pages, mails and answers; `of` with its preposition."""

    # Mails' headers hold names, and texts are filled in after them: no line ends, no braces.
    administration: Annotated[str, Field(pattern=NAME)]
    of: Annotated[str, Field(pattern=NAME)]
    platform: Annotated[str, Field(pattern=NAME, max_length=40)]
    tagline: str
    about: str


class Office(_Section):
    """The responsible office, in the legal notes."""

    name: str
    address: str
    fiscal_code: str
    pec: str
    phone: str
    content_licence: str


class Privacy(_Section):
    """The controller's part of the privacy notice."""

    version: str
    controller: str
    dpo: str
    processors: str
    legal_basis: str
    mail_provider: str
    backups_kept: str
    rights_contact: str


def _web_address(value: str) -> str:
    if value and not value.startswith("https://"):
        raise ValueError("deve cominciare con https://")
    return value


class Links(_Section):
    """Pages of the administration elsewhere."""

    accessibility_statement: Annotated[str, AfterValidator(_web_address)]
    regulation: Annotated[str, AfterValidator(_web_address)]


def _readable_under_white(value: str) -> str:
    if value and contrast_with_white(value) < CONTRAST:
        raise ValueError(f"il contrasto con il bianco è meno di {CONTRAST}:1")
    return value


type Colour = Annotated[
    str, Field(pattern=r"^(#[0-9a-fA-F]{6})?$"), AfterValidator(_readable_under_white)
]


class Appearance(_Section):
    """Logo, icons and colours of the light theme; empty ones are InterCup's."""

    logo: str
    icons: str = ""
    primary: Colour
    primary_dark: Colour

    def icon_file(self, name: str) -> Path | None:
        """Return this administration's file in place of a built one, if it has one."""
        return Path(self.icons, name) if self.icons and name in ICONS else None

    def missing_files(self) -> list[str]:
        """List the files that don't exist, after the name of their entry."""
        files = [("logo", Path(self.logo))] if self.logo else []
        files += [("icons", path) for name in ICONS if (path := self.icon_file(name))]
        return [f"{name}: {path} non esiste" for name, path in files if not path.is_file()]


def _days(months: int) -> timedelta:
    """Return months as days, rounded up: 24 are 731. Whole years are never less."""
    return timedelta(days=-(-months * 731 // 24))


class Retention(_Section):
    """Retention periods; those of the technique alone are in intercup/services/privacy."""

    conversation_hours: int = Field(default=24, ge=1, le=168)
    mail_days: int = Field(default=30, ge=10, le=LINK_LIFE.days)
    register_months: int = Field(default=12, ge=3, le=120)
    ratings_months: int = Field(default=12, ge=1, le=120)
    spid_months: int = Field(default=24, ge=24, le=120)  # Source: the agreement with AgID
    desk_log_months: int = Field(default=12, ge=6, le=120)

    @property
    def conversation(self) -> timedelta:
        """After its end."""
        return timedelta(hours=self.conversation_hours)

    @property
    def mail_body(self) -> timedelta:
        """After sending; after creation if undeliverable."""
        return timedelta(days=self.mail_days)

    @property
    def register(self) -> timedelta:
        """Of requests; then only counts remain."""
        return _days(self.register_months)

    @property
    def ratings(self) -> timedelta:
        """Of a rating's answers; the anonymous stars stay."""
        return _days(self.ratings_months)

    @property
    def spid_register(self) -> timedelta:
        """Of the exchanges with identity providers."""
        return _days(self.spid_months)

    @property
    def desk_log(self) -> timedelta:
        """Also of the names beside versions of answers and structures."""
        return _days(self.desk_log_months)


def _translations() -> set[str]:
    return {path.stem for path in TRANSLATIONS.glob("*.po")}


def _translated(codes: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := sorted(set(codes) - _translations()):
        known = ", ".join(sorted(_translations()))
        raise ValueError(f"nessuna traduzione: {', '.join(unknown)}; ci sono {known}")
    return codes


class Administration(_Section):
    """The whole file. `languages` are offered beside Italian."""

    names: Names
    office: Office
    privacy: Privacy
    links: Links
    appearance: Appearance
    retention: Retention = Retention()
    languages: Annotated[tuple[str, ...], AfterValidator(_translated)] = Field(
        default_factory=lambda: tuple(sorted(_translations()))
    )

    def named(self, text: str) -> str:
        """Return a text with this administration's names."""
        return _WORDS.sub(lambda found: str(getattr(self.names, WORDS[found[0]])), text)

    def placeholders(self) -> list[str]:
        """List what is still to be filled in, the looks aside, by path."""
        return [
            f"{section}.{name}"
            for section, values in self
            if section in ("names", "office", "privacy", "links")
            for name, value in values
            if not value
        ]

    def missing(self) -> list[str]:
        """List what production can't do without."""
        return [path for path in self.placeholders() if path in MANDATORY]


def contrast_with_white(colour: str) -> float:
    """Return the contrast ratio of `#rrggbb` with white."""
    limit, slope, offset, power = _CHANNEL
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        each / slope if each <= limit else ((each + offset) / (1 + offset)) ** power
        for each in channels
    )
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


@lru_cache
def administration() -> Administration:
    """Return the administration of this process.

    Raises:
        ConfigurationError: with every problem of its file, by path.
    """
    return load_administration(_path())


def _path() -> Path:
    """Return the setting administration_file: texts are read where no settings are at hand."""
    if given := os.environ.get("INTERCUP_ADMINISTRATION_FILE"):
        return Path(given)
    file = Path(os.environ.get("INTERCUP_CONFIG_FILE", "config/intercup.toml"))
    settings = tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
    return Path(settings.get("administration_file", FILE))


def load_administration(path: Path) -> Administration:
    """Read and check a file.

    Raises:
        ConfigurationError: with every problem, by path.
    """
    import yaml  # Most commands read the settings only.

    try:
        content: Any = yaml.safe_load(path.read_text("utf-8"))
        loaded = Administration.model_validate(content)
    except (OSError, yaml.YAMLError) as error:
        raise ConfigurationError([f"{path}: {error}"]) from error
    except ValidationError as error:
        raise ConfigurationError(
            [
                f"{path}: {'.'.join(map(str, each['loc']))}: "
                + each["msg"].removeprefix("Value error, ")
                for each in error.errors()
            ]
        ) from error
    if missing := loaded.appearance.missing_files():
        raise ConfigurationError([f"{path}: appearance.{each}" for each in missing])
    return loaded
