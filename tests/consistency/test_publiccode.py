"""publiccode.yml by the standard's rules, and the one version number of the project."""

import re
import tomllib
from copy import deepcopy
from typing import Any

import pytest
import yaml

from intercup.settings import Settings
from tests.support.paths import ROOT

OURS: dict[str, Any] = yaml.safe_load((ROOT / "publiccode.yml").read_text("utf-8"))
WRONG: tuple[tuple[str, Any], ...] = (
    ("publiccodeYmlVersion", "0.4"),
    ("url", "git@example.org:x.git"),
    ("categories", ["assistenza"]),
    ("developmentStatus", "production"),
    ("intendedAudience", {"countries": ["it"]}),
    ("supports", [{"id": "alias:wcag"}]),
    ("organisation", {"name": "Regione Siciliana"}),
    ("organisation", {"uri": "urn:x-italian-pa:"}),
    ("releaseDate", "24/11/2026"),
    ("it", {"countryExtensionVersion": "1.0"}),
    ("description.it.genericName", "Assistente"),
    ("description.it.shortDescription", "x" * 151),
    ("description.it.longDescription", "breve"),
    ("description.it.features", []),
    ("description.it.screenshots", ["/docs/images/chat-capito.png"]),
    ("description", {}),
    ("maintenance", {"type": "contract"}),
    ("maintenance.contacts", []),
    ("localisation.availableLanguages", []),
    ("legal", {}),
)


def with_change(path: str, value: Any) -> dict[str, Any]:
    """Return our file with another value at a dotted path."""
    changed = deepcopy(OURS)
    *folders, name = path.split(".")
    place = changed
    for folder in folders:
        place = place[folder]
    place[name] = value
    return changed


@pytest.fixture(scope="module")
def rules() -> Any:
    from jsonschema import Draft202012Validator  # 2 s that every process of the tests would take

    schema = yaml.safe_load((ROOT / "tests/consistency/publiccode.schema.yml").read_text("utf-8"))
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_the_file_keeps_the_rules_of_the_standard(rules: Any) -> None:
    assert [f"{error.json_path}: {error.message}" for error in rules.iter_errors(OURS)] == []


def test_the_rules_find_what_the_standard_refuses(rules: Any) -> None:
    missed = [(path, value) for path, value in WRONG if rules.is_valid(with_change(path, value))]
    assert missed == []


def test_it_agrees_with_the_repository() -> None:
    pictures = {name for each in OURS["description"].values() for name in each["screenshots"]}
    assert [name for name in pictures if not (ROOT / name).is_file()] == []
    reuse = tomllib.loads((ROOT / "REUSE.toml").read_text("utf-8"))["annotations"][0]
    assert OURS["legal"]["license"] == reuse["SPDX-License-Identifier"]
    assert reuse["SPDX-FileCopyrightText"].endswith(OURS["legal"]["mainCopyrightOwner"])
    ipa_code = Settings.model_fields["spid_ipa_code"].default
    assert OURS["organisation"]["uri"] == f"urn:x-italian-pa:{ipa_code}"


def test_the_version_is_that_of_the_changelog() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    version, date = re.findall(r"^## \[([\d.]+)\] - (.+)$", changelog, re.MULTILINE)[0]
    assert project["version"] == version
    is_out = bool(re.fullmatch(r"\d{4}-\d\d-\d\d", date))
    published = OURS.get("softwareVersion"), OURS.get("releaseDate")
    assert published == ((version, date) if is_out else (None, None))
