"""A patch of structures.yaml changes the values and nothing else."""

import subprocess
from pathlib import Path

import pytest
import yaml

from intercup.services.structures.fields import Values, fields_of, with_values
from intercup.services.structures.patch import WIDTH, patch_of
from intercup.services.structures.structures_file import directory_of
from tests.support.paths import ROOT

NAME = "config/structures.yaml"
TEXT = (ROOT / NAME).read_text("utf-8")
MANY = tuple(f"ospedale numero {n}" for n in range(30))
CHANGES: dict[str, Values] = {
    "central-mailboxes/home": ("casa@regione.sicilia.it",),
    "asp_agrigento/technical": ("a@aspag.it", "b@aspag.it"),
    "asp_agrigento/places": ("sciacca",),
    "ao_cannizzaro/places": ("acicastello", "aci: trezza # [nuova]", "sant'agata", "no"),
    "ao_papardo/places": MANY,
    "ao_villa_sofia_cervello/administrative": ("kdimiceli@villasofia.it",),
    "asp_trapani/aliases": (),
    "asp_trapani/places": MANY,
    "outside-enna/near": ("asp_trapani",),
    "outside-humanitas-catania/names": ("humanitas catania", "humanitas di misterbianco"),
    "outside-piazza-armerina/names": (),  # taken out
    "outside-castrofilippo/names": ("castrofilippo", *MANY),
    "outside-castrofilippo/near": ("asp_agrigento",),
    "emergency-words/sure": ("cianotico e immobile",),
}
WITHOUT_SECTIONS = TEXT[: TEXT.index("# outside:")]


@pytest.mark.parametrize("text", [TEXT, TEXT.replace("    places:\n      [", "    places: [")])
def test_the_patch_changes_the_values_and_nothing_else(tmp_path: Path, text: str) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / NAME).write_text(text, "utf-8")
    (tmp_path / "structures.patch").write_text(patch_of(text, NAME, CHANGES), "utf-8")
    subprocess.run(["git", "apply", "structures.patch"], cwd=tmp_path, check=True)
    patched = (tmp_path / NAME).read_text("utf-8")
    document = yaml.safe_load(patched)
    directory_of(document)
    assert document == with_values(yaml.safe_load(text), CHANGES)
    for line in text.splitlines():
        assert line.partition(" #")[2] in patched
    new = set(patched.splitlines()) - set(text.splitlines())
    assert max(map(len, new)) <= WIDTH + 2


def test_sections_that_the_file_lacks_are_added(tmp_path: Path) -> None:
    added = {key: values for key, values in CHANGES.items() if "castro" in key or "emerg" in key}
    (tmp_path / "config").mkdir()
    (tmp_path / NAME).write_text(WITHOUT_SECTIONS, "utf-8")
    (tmp_path / "structures.patch").write_text(patch_of(WITHOUT_SECTIONS, NAME, added), "utf-8")
    subprocess.run(["git", "apply", "structures.patch"], cwd=tmp_path, check=True)
    document = yaml.safe_load((tmp_path / NAME).read_text("utf-8"))
    assert document == with_values(yaml.safe_load(WITHOUT_SECTIONS), added)
    directory_of(document)


@pytest.mark.parametrize("name", ["names", "near"])
def test_half_an_added_place_is_left_out(name: str) -> None:
    assert patch_of(TEXT, NAME, {f"outside-castrofilippo/{name}": ("castrofilippo",)}) == ""


def test_nothing_changed_is_no_patch() -> None:
    same = {key: values for key, values in fields_of(yaml.safe_load(TEXT)).items() if values}
    assert patch_of(TEXT, NAME, {"asp_ragusa/aliases": same["asp_ragusa/aliases"]}) == ""
    assert patch_of(TEXT, NAME, {}) == ""
