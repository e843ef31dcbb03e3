"""Write the list of Italian names from packages that nothing else needs.

uv run --with faker==40.40.0 --with mimesis==22.2.0 --with python-codicefiscale==0.12.1
--with simplemma==2.0.0 python -m tests.support.italian_names
"""

import json
import re
import textwrap
import unicodedata
from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from tests.support.paths import ROOT

LIST = ROOT / "intercup/domain/personal_data/italian_names.txt"
PACKAGES = {
    "faker": "40.40.0",
    "mimesis": "22.2.0",
    "python-codicefiscale": "0.12.1",
    "simplemma": "2.0.0",
}
LETTERS_MIN = 3
# Given names of two sources are names, except these, which are more often other words.
OTHER_WORDS = """
alba albina allegra alma angelica aria asia augusta augusto aurora benedetta benedetto benigna
benigno benvenuto bianca bruna bruno camelia carina celestina chiara clemente colombo consolata
cristiana cristiano dante desiderio diamante domenica donata donato donna durante fedele felice
felicita fiamma flora fortunata fortunato franca franco gemma germana germano giada gioconda
grazia immacolata italo lauro leone liana lino marina marino massima massimo mia modesto norma
oria orso ottone pasqua pellegrino pio primo regina remo romana romano romeo rosa rosetta sabato
santa santino santo selvaggia serena sesto severo tito violetta vitale vittoria
"""


def plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("'", "")


def written(names: Iterable[str]) -> set[str]:
    """Return the names of one word, in small letters without accents."""
    found = {plain(name) for name in names}
    return {name for name in found if name.isalpha() and len(name) >= LETTERS_MIN}


def read(package: str, file: str) -> Any:
    """Read a package's JSON."""
    found = distribution(package)
    assert found.version == PACKAGES[package]
    path = Path(str(found.locate_file(file)))
    return json.loads(path.read_text("utf-8"))


def collect() -> dict[str, set[str]]:
    """Return first names and surnames, and those of both that are other words or places too."""
    simplemma = import_module("simplemma")
    provider = import_module("faker.providers.person.it_IT").Provider

    person = read("mimesis", "mimesis/datasets/it/person.json")
    by_sex = read("python-codicefiscale", "codicefiscale/data/names.json")
    towns = read("python-codicefiscale", "codicefiscale/data/municipalities.json")
    sources = (
        written(provider.first_names),
        written([*by_sex["M"], *by_sex["F"]]),
        written(name for names in person["names"].values() for name in names),
    )
    first = set().union(*sources)
    common = {name for name in first if sum(name in source for source in sources) > 1}
    last = written([*provider.last_names, *person["surnames"]])
    places = written(town["name"] for town in towns if town["active"])
    words = {name for name in first | last if simplemma.is_known(name, lang="it")}
    said = set(re.findall(r"[a-z]+", plain((ROOT / "bot/data/nlu.yml").read_text("utf-8"))))
    ambiguous = (words | places | said) & (first | last) - (common - set(OTHER_WORDS.split()))
    return {"first": first, "last": last, "ambiguous": ambiguous}


def main() -> None:
    sources = ", ".join(f"{package} {version}" for package, version in PACKAGES.items())
    lines = [f"# Made by tests/support/italian_names.py from {sources}; all under the MIT licence."]
    for kind, names in collect().items():
        lines += [f"[{kind}]", *textwrap.wrap(" ".join(sorted(names)), 99)]
    LIST.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
