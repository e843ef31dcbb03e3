"""The administration's file: names, placeholders, colours, and what is refused."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from intercup.administration import (
    FILE,
    MANDATORY,
    WORDS,
    Retention,
    contrast_with_white,
    load_administration,
)
from intercup.domain.forwarding import LINK_LIFE
from intercup.errors import ConfigurationError
from tests.support.paths import ROOT

EXAMPLE = ROOT / "config/examples/administration.yaml"


def test_names_take_the_place_of_those_in_the_texts() -> None:
    named = load_administration(EXAMPLE).named
    assert named("InterCup della Regione Siciliana") == "PrenoTras della Regione Trasimeno"
    twice = load_administration(EXAMPLE).model_copy(deep=True)
    object.__setattr__(twice.names, "of", "della Regione Siciliana e altri")
    assert twice.named("della Regione Siciliana") == "della Regione Siciliana e altri"
    assert load_administration(ROOT / FILE).named("x".join(WORDS)) == "x".join(WORDS)


def test_what_is_empty_is_a_placeholder_and_some_of_it_mandatory() -> None:
    assert load_administration(EXAMPLE).placeholders() == []
    ours = load_administration(ROOT / FILE)
    assert set(ours.missing()) == set(MANDATORY) <= set(ours.placeholders())


def test_the_mandatory_ones_are_marked_in_the_file() -> None:
    lines = (ROOT / FILE).read_text("utf-8").splitlines()
    marked = {line.split(":")[0].strip() for line in lines if " # *" in line}
    assert marked == {path.partition(".")[2] for path in MANDATORY}


@pytest.mark.parametrize(
    ("section", "name", "value", "problem"),
    [
        ("appearance", "primary", "#00cc66", "appearance.primary: il contrasto"),
        ("appearance", "primary", "verde; }", "appearance.primary"),
        ("appearance", "logo", "niente.svg", "appearance.logo: niente.svg non esiste"),
        ("appearance", "icons", "niente", "appearance.icons: niente/favicon.ico non esiste"),
        ("links", "regulation", "javascript:alert(1)", "links.regulation: deve cominciare"),
        ("names", "platform", "", "names.platform"),
        ("names", "platform", "CUP{1}", "names.platform"),
        ("names", "administration", "ASP\r\nBcc: x@example.it", "names.administration"),
        ("privacy", "dpo_phone", "1", "privacy.dpo_phone"),
        ("retention", "spid_months", 12, "retention.spid_months"),
        ("retention", "mail_days", 0, "retention.mail_days"),
        ("retention", "mail_days", LINK_LIFE.days + 1, "retention.mail_days"),
    ],
)
def test_a_wrong_value_is_named_with_its_path(
    tmp_path: Path, section: str, name: str, value: str, problem: str
) -> None:
    content = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    content[section][name] = value
    file = tmp_path / "administration.yaml"
    file.write_text(yaml.safe_dump(content), "utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_administration(file)
    assert any(problem in each for each in caught.value.problems), caught.value.problems


def test_the_contrast_is_that_of_wcag() -> None:
    assert contrast_with_white("#0066cc") == pytest.approx(5.57, abs=0.01)


def test_an_unknown_language_is_named_with_the_known_ones(tmp_path: Path) -> None:
    content = yaml.safe_load(EXAMPLE.read_text("utf-8")) | {"languages": ["en", "../de"]}
    file = tmp_path / "administration.yaml"
    file.write_text(yaml.safe_dump(content), "utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_administration(file)
    assert caught.value.problems == [
        f"{file}: languages: nessuna traduzione: ../de; ci sono ar, en, fr, ro"
    ]


@pytest.mark.parametrize("years", range(2, 11))
def test_periods_of_years_are_never_shorter_than_the_calendars(years: int) -> None:
    longest = max(date(year + years, 3, 1) - date(year, 3, 1) for year in range(2024, 2028))
    assert Retention(spid_months=12 * years).spid_register >= longest


def test_periods_are_those_of_the_file() -> None:
    ours, example = (load_administration(path).retention for path in (ROOT / FILE, EXAMPLE))
    assert (ours.register.days, ours.spid_register.days) == (366, 731)
    assert (example.spid_register.days, example.conversation.seconds) == (1097, 12 * 3600)


def test_no_mail_goes_with_its_request_before_its_own_time() -> None:
    """The longest time of a mail's text and the shortest of the register."""
    assert Retention(mail_days=LINK_LIFE.days).mail_body < Retention(register_months=3).register


def test_a_file_without_periods_and_languages_has_those_of_the_law(tmp_path: Path) -> None:
    """Files of earlier versions have neither."""
    content = yaml.safe_load((ROOT / FILE).read_text("utf-8"))
    ours = load_administration(ROOT / FILE)
    del content["retention"]
    file = tmp_path / "administration.yaml"
    file.write_text(yaml.safe_dump(content), "utf-8")
    assert load_administration(file) == ours
