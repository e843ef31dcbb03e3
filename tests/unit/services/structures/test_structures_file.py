"""config/structures.yaml: every kind of mistake, with its path."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from intercup.domain.directory import Directory
from intercup.errors import ConfigurationError
from intercup.services.structures.structures_file import load_directory, to_confirm

VALID: dict[str, Any] = {
    "categories": [
        {
            "id": "technical",
            "label": "Problemi tecnici",
            "subject": "Problema",
            "structure": "required",
            "route": "technical",
            "intents": {"report_booking_problem": "Un problema", "change_booking": "Una disdetta"},
            "words": ["problema tecnico"],
        },
        {
            "id": "platform",
            "label": "Assistenza generica",
            "subject": "Assistenza",
            "structure": "optional",
            "route": "platform",
            "intents": {"report_platform_problem": "Un problema di InterCup"},
        },
    ],
    "access": {
        "label": "Accesso",
        "subject": "Accesso",
        "intents": {"report_access_problem": "Non entro"},
        "after_login": "platform",
    },
    "mailboxes": {"home": "home@example.it", "platform": "rti@example.it"},
    "structures": [
        {
            "id": "asp_uno",
            "name": "ASP Uno",
            "province": "Uno",
            "technical": ["t1@example.it"],
            "administrative": ["a1@example.it"],
            "aliases": ["uno"],
            "places": ["borgo uno"],
        },
        {
            "id": "asp_due",
            "name": "ASP Due",
            "province": "Due",
            "technical": ["t2@example.it"],
            "administrative": ["a2@example.it"],
        },
    ],
    "outside": [{"names": ["altrove"], "near": ["asp_uno"]}],
}


def problems_in(tmp_path: Path, content: Any) -> list[str]:
    path = tmp_path / "structures.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), "utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_directory(path)
    return caught.value.problems


def changed(keys: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    content = deepcopy(VALID)
    place: Any = content
    for key in keys[:-1]:
        place = place[key]
    if value is None:
        del place[keys[-1]]
    else:
        place[keys[-1]] = value
    return content


def test_a_valid_file_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "structures.yaml"
    path.write_text(yaml.safe_dump(VALID), "utf-8")
    directory = load_directory(path)
    assert directory.structure_by_id["asp_uno"].technical == ("t1@example.it",)
    assert directory.structure_by_id["asp_uno"].places == ("borgo uno",)
    assert directory.structure_by_id["asp_due"].places == ()
    assert directory.category_by_id["platform"].structure_required is False
    assert directory.platform_mailbox == "rti@example.it"


@pytest.mark.parametrize(
    ("keys", "value", "problem"),
    [
        (("structures", 0, "technical", 0), "t1 example.it", "structures[0].technical[0]: non è"),
        (("structures", 0, "technical", 0), "T <t@example.it>", "structures[0].technical[0]: non"),
        (("structures", 0, "technical", 0), "t@b.it\nBcc: x@y.it", "structures[0].technical[0]:"),
        (("structures", 0, "technical", 0), "t..1@example.it", "structures[0].technical[0]: non"),
        (("structures", 0, "technical", 0), ".t@example.it", "structures[0].technical[0]: non"),
        (("structures", 0, "technical", 0), "niccolò@example.it", "structures[0].technical[0]: n"),
        (("structures", 1, "technical"), [], "structures[1].technical: non può essere vuoto"),
        (("structures", 1, "technical"), "a@b.it", "structures[1].technical: deve essere un elenc"),
        (("structures", 1, "administrative"), None, "structures[1].administrative: manca"),
        (("structures", 1, "name"), 7, "structures[1].name: deve essere un testo"),
        (("structures", 1, "name"), "x" * 121, "structures[1].name: è troppo lungo"),
        (("structures", 1, "province"), "x", "structures[1].province: è troppo corto"),
        (("structures", 1, "id"), "ASP Due", "structures[1].id: ammette solo lettere minuscole"),
        (("structures", 1, "id"), "asp_uno", "structures[1].id: asp_uno è ripetuto"),
        (("structures", 0, "places"), "borgo", "structures[0].places: deve essere un elenco"),
        (("structures", 0, "places", 0), 7, "structures[0].places[0]: deve essere un testo"),
        (("structures", 0, "places", 0), "x", "structures[0].places[0]: è troppo corto"),
        (("structures", 0, "places", 0), "la città", "structures[0].places[0]: è fatto solo di"),
        (("structures", 0, "aliases", 0), "azienda", "structures[0].aliases[0]: è fatto solo di"),
        (("structures", 1, "name"), "Azienda", "structures[1].name: è fatto solo di parole comuni"),
        (("outside", 0, "names", 0), "la provincia", "outside[0].names[0]: è fatto solo di parole"),
        (("structures", 1, "phone"), "091", "structures[1].phone: voce sconosciuta"),
        (("structures", 1, "to_confirm"), "sì", "structures[1].to_confirm: deve essere true o f"),
        (("structures",), [], "structures: non può essere vuoto"),
        (("categories", 1, "id"), "technical", "categories[1].id: technical è ripetuto"),
        (("categories", 0, "route"), "tecnica", "categories[0].route: deve essere 'technical'"),
        (("categories", 0, "structure"), "optional", "categories[0].structure: deve essere requi"),
        (("categories", 0, "subject"), "Uno\nBcc: x@y.it", "categories[0].subject: "),
        (("categories", 0, "intents"), {}, "categories[0].intents: non può essere vuoto"),
        (("categories", 0, "intents"), None, "categories[0].intents: manca"),
        (
            ("categories", 1, "intents", "change_booking"),
            "x y",
            "categories[1].intents: change_booking è già un intento di technical",
        ),
        (
            ("categories", 1, "intents", "greet"),
            "x y",
            "categories[1].intents: greet ha già un altro significato nel dialogo",
        ),
        (
            ("access", "intents", "report_booking_problem"),
            "x y",
            "access.intents: report_booking_problem è già un intento di technical",
        ),
        (("access", "after_login"), "technical", "access.after_login: deve essere una tipologia"),
        (("access", "after_login"), "billing", "access.after_login: deve essere una tipologia"),
        (
            ("categories", 1, "words"),
            ["Problema tecnico"],
            "categories[1]: «Problema tecnico» è già di technical",
        ),
        (("mailboxes", "home"), "intercup@", "mailboxes.home: non è un indirizzo di posta"),
        (("mailboxes", "platform"), None, "mailboxes.platform: manca"),
        (("outside", 0, "near", 0), "asp_tre", "outside[0].near[0]: la struttura asp_tre non esi"),
        (("strutture",), [], "strutture: voce sconosciuta"),
    ],
)
def test_each_mistake_is_told_with_its_path(
    tmp_path: Path, keys: tuple[str | int, ...], value: Any, problem: str
) -> None:
    problems = problems_in(tmp_path, changed(keys, value))
    assert any(found.startswith(problem) for found in problems), problems


def test_a_mailbox_written_twice_is_a_mistake(tmp_path: Path) -> None:
    content = changed(("structures", 0, "technical"), ["t1@example.it", "t1@example.it"])
    problems = problems_in(tmp_path, content)
    assert any(found.startswith("structures[0].technical") for found in problems)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    content = changed(("structures", 0, "technical", 0), "x")
    content["mailboxes"]["home"] = "y"
    del content["structures"][1]["province"]
    paths = {found.partition(":")[0] for found in problems_in(tmp_path, content)}
    assert paths == {"structures[0].technical[0]", "mailboxes.home", "structures[1].province"}


def test_all_contradictions_are_told_at_once(tmp_path: Path) -> None:
    content = changed(("structures", 1, "id"), "asp_uno")
    content["outside"][0]["near"] = ["asp_tre", "asp_quattro"]
    paths = [found.partition(":")[0] for found in problems_in(tmp_path, content)]
    assert paths == [
        *("structures[0].id", "structures[1].id"),
        *("outside[0].near[0]", "outside[0].near[1]"),
    ]


@pytest.mark.parametrize("content", ["", "[]", "solo un testo", "categories: [", "a: !!python/x 1"])
def test_a_file_that_is_no_directory_is_told(tmp_path: Path, content: str) -> None:
    assert problems_in(tmp_path, content)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_directory(tmp_path / "none.yaml")
    assert caught.value.problems[0].startswith(str(tmp_path / "none.yaml"))


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "structures.yaml"
    path.write_bytes("name: Città".encode("latin-1"))
    with pytest.raises(ConfigurationError):
        load_directory(path)


def test_what_the_client_must_confirm_is_listed(directory: Directory) -> None:
    assert any("Villa Sofia" in note for note in to_confirm(directory))


@pytest.mark.parametrize(
    ("address", "flagged"),
    [
        ("cup@pec.asp.it", True),
        ("cup@asp.legalmail.it", True),
        ("cup@cert.ospedale.it", True),
        ("cup@asp-pec.it", True),
        ("pec@asp.it", False),
        ("cup@specialisti.it", False),
    ],
)
def test_certified_mail_is_flagged(tmp_path: Path, address: str, flagged: bool) -> None:
    path = tmp_path / "structures.yaml"
    path.write_text(yaml.safe_dump(changed(("structures", 0, "technical", 0), address)), "utf-8")
    assert any(address in note for note in to_confirm(load_directory(path))) is flagged
