"""docs/licences.md: the licences that the installed packages declare, as the SBOM lists them."""

import json
import re
import subprocess

from tests.support.paths import ROOT

ROW = re.compile(r"^\| ([^|]+) \| (servizio|bot|widget) \| [^|]* \| ([^|]+) \|$", re.MULTILINE)
FILES = {"servizio": "service", "bot": "rasa", "widget": "widget"}
FONT = "Titillium Web, nel pacchetto bootstrap-italia"  # of a package with another licence
NEVER = re.compile(r"(?<!L)GPL|SSPL|BUSL|Commons-Clause")
CLASSIFIERS = {"Apache-2.0": "License :: OSI Approved :: Apache Software License"}
OF_DEVELOPMENT = {"reuse", "python-debian"}


def components(name: str) -> dict[str, set[str]]:
    """Return the licences of each package in an SBOM."""
    listed = json.loads((ROOT / f"dist/sbom/{name}.cdx.json").read_text("utf-8"))["components"]
    return {
        "/".join(filter(None, (each.get("group"), each["name"]))): {
            entry.get("expression") or entry["license"].get("id") or entry["license"]["name"]
            for entry in each.get("licenses", ())
        }
        for each in listed
    }


def test_the_licences_of_others_are_those_that_are_written() -> None:
    subprocess.run(["make", "sbom"], cwd=ROOT, check=True, capture_output=True)
    found = {place: components(name) for place, name in FILES.items()}
    assert all(len(packages) > 100 for packages in found.values())
    rows = ROW.findall((ROOT / "docs/licences.md").read_text("utf-8"))
    assert {place for _, place, _ in rows} == set(FILES)
    wrong = []
    for names, place, licences in rows:
        packages = [] if names == FONT else names.split(", ")
        told = licences.split(", ") if ", " in licences else [licences] * len(packages)
        wrong += [
            (package, licence)
            for package, licence in zip(packages, told, strict=True)
            if not any(
                licence in each or CLASSIFIERS.get(licence) == each
                for each in found[place].get(package, ())
            )
        ]
    assert wrong == []
    strict = {
        package
        for packages in found.values()
        for package, licences in packages.items()
        if any(NEVER.search(licence) for licence in licences)
    }
    assert strict <= OF_DEVELOPMENT


def test_what_reaches_the_browser_carries_its_licence() -> None:
    text = (ROOT / "web-widget/dist/licences.txt").read_text("utf-8")
    row = next(
        names
        for names, _, _ in ROW.findall((ROOT / "docs/licences.md").read_text())
        if "lit," in names
    )
    assert all(f"{name}\n" in text for name in ("bootstrap-italia", *row.split(", ")))
