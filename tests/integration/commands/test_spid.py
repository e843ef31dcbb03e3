"""`intercup spid certificate` and `metadata`, and what `check-config` says of identity."""

import stat
import subprocess
from pathlib import Path

import pytest
from lxml import etree

from intercup.identity.demo_response import identity_provider_metadata
from intercup.identity.saml_xml import NS
from tests.support.acs_door import IDP
from tests.support.commands import run_command
from tests.support.ports import free_port
from tests.support.saml_answering import Keys

BASE_URL = "https://intercup.example.it"


@pytest.fixture
def production(tmp_path: Path) -> dict[str, str]:
    """The settings of a production whose keys are still to be made."""
    (tmp_path / "secret.key").write_text("k" * 32)
    (tmp_path / "secret.key").chmod(0o600)
    (tmp_path / "spid" / "providers").mkdir(parents=True)
    return {
        "INTERCUP_PROFILE": "production",
        "INTERCUP_ADMINISTRATION_FILE": "config/examples/administration.yaml",
        "INTERCUP_BASE_URL": BASE_URL,
        "INTERCUP_DATA_DIR": str(tmp_path),
        "INTERCUP_SMTP_URL": "smtps://relay.example.it",
        "INTERCUP_MAIL_FROM": "assistenza@example.it",
        "INTERCUP_SECRET_KEY_FILE": str(tmp_path / "secret.key"),
    }


def run(settings: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_command(*arguments, **settings)


def test_an_installation_is_prepared_by_command(
    production: dict[str, str], tmp_path: Path, idp_keys: Keys
) -> None:
    assert run(production, "check-config").returncode == 2

    made = run(production, "spid", "certificate", "--days", "400")
    again = run(production, "spid", "certificate")
    key = run(production, "spid", "register", "key")
    output = str(tmp_path / "metadata.xml")
    metadata = run(production, "spid", "metadata", "--output", output)

    assert (made.returncode, again.returncode) == (0, 0), made.stderr + again.stderr
    assert made.stdout.startswith("creati ")
    assert made.stdout.endswith(again.stdout)
    key_file = tmp_path / "spid" / "key.pem"
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert key.returncode == 0
    assert (metadata.returncode, metadata.stdout) == (0, ""), metadata.stderr
    root = etree.parse(output).getroot()
    assert root.get("entityID") == BASE_URL
    assert root.findtext(".//md:Company", "", NS) == "Regione Siciliana"
    document = identity_provider_metadata(IDP, f"{IDP}/sso", idp_keys.certificate)
    (tmp_path / "spid" / "providers" / "idp.xml").write_bytes(document)
    checked = run(production, "check-config")
    assert checked.returncode == 0, checked.stderr
    assert "gestori di identità: 1" in checked.stdout


def test_metadata_for_cie_needs_cie(production: dict[str, str]) -> None:
    run(production, "spid", "certificate")

    without = run(production, "spid", "metadata", "cie")
    entity = {"INTERCUP_CIE_ENTITY_ID": f"{BASE_URL}/cie"}
    active = run(production | entity, "spid", "metadata", "cie")

    assert without.returncode == 2
    assert "INTERCUP_CIE_ENTITY_ID" in without.stderr
    assert active.returncode == 0, active.stderr
    assert etree.fromstring(active.stdout.encode()).get("entityID") == f"{BASE_URL}/cie"


def test_a_certificate_that_no_longer_fits_is_told(production: dict[str, str]) -> None:
    run(production, "spid", "certificate")
    moved = production | {"INTERCUP_BASE_URL": "https://other.example.it"}

    for command in (("certificate",), ("metadata",)):
        told = run(moved, "spid", *command)
        assert told.returncode == 2
        assert "uri (2.5.4.83)" in told.stderr


def test_a_lonely_key_is_not_replaced(production: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "spid" / "key.pem"
    file.write_text("precious")

    told = run(production, "spid", "certificate")

    assert told.returncode == 2
    assert file.read_text() == "precious"


@pytest.mark.parametrize("file", ["key.pem", "register.key"])
def test_production_does_not_start_with_a_key_that_cannot_be_used(
    file: str, production: dict[str, str], tmp_path: Path
) -> None:
    run(production, "spid", "certificate")
    run(production, "spid", "register", "key")
    assert run(production, "migrate").returncode == 0
    (tmp_path / "spid" / file).write_text("città", "utf-8")

    told = run(production, "web")

    assert told.returncode == 2, told.stderr
    assert "errore: " in told.stderr
    assert "Traceback" not in told.stderr


def test_a_broken_metadata_file_is_an_error_of_check_config(tmp_path: Path) -> None:
    folder = tmp_path / "spid" / "providers"
    folder.mkdir(parents=True)
    (folder / "broken.xml").write_text("<md:EntityDescriptor")

    told = run({"INTERCUP_DATA_DIR": str(tmp_path)}, "check-config")

    assert told.returncode == 2
    assert f"errore: {folder}/broken.xml: non è XML valido" in told.stderr


@pytest.mark.parametrize(
    ("name", "value"), [("PROFILE", "production"), ("BASE_URL", "http://192.0.2.1:8080")]
)
def test_the_demo_provider_does_not_start_elsewhere(
    name: str, value: str, production: dict[str, str], tmp_path: Path
) -> None:
    demo = {"INTERCUP_DATA_DIR": str(tmp_path), f"INTERCUP_{name}": value}
    demo["INTERCUP_DEMO_SMTP_PORT"] = str(free_port())
    if name == "PROFILE":
        demo |= production
        run(production, "spid", "certificate")
        run(production, "spid", "register", "key")

    told = run(demo, "demo")

    assert told.returncode == 2
    assert "demo" in told.stderr or "non è un indirizzo di questo computer" in told.stderr
    assert not (tmp_path / "spid" / "providers" / "demo.xml").exists()
