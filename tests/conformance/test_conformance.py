"""SPID's and CIE's public conformance checks, with their totals: a run that checks less fails."""

import re
from pathlib import Path

import pytest

from intercup.identity.certificate import create_key_and_certificate
from tests.conformance.conformance_tool import Outcome, check_service, run_tool, web_process

pytestmark = pytest.mark.timeout(400)

# Responses that may log a citizen in: the right one twice (1, 109), an Issuer without Format (31),
# levels 2 and 3 (95, 96), more attributes than asked for (103), instants with decimals (110).
CERTIFICATE_CHECKS = 37
WELCOME = {"1", "31", "95", "96", "103", "109", "110"}


def assert_right_answers(outcome: Outcome) -> None:
    """Every other response gets a page that refuses it; the tool itself would take a 500."""
    statuses = outcome.statuses()
    assert {number for number, status in statuses.items() if status == 200} == WELCOME
    assert {status for number, status in statuses.items() if number not in WELCOME} == {403}


@pytest.mark.parametrize(
    ("binding", "executed", "parts"),
    [
        ("redirect", 264, {"metadata": 109, "authnrequest": 44, "response": 111}),
        ("post", 271, {"metadata": 109, "authnrequest": 51, "response": 111}),
    ],
)
def test_the_service_passes_all_checks_of_a_public_spid_service(
    binding: str, executed: int, parts: dict[str, int], tmp_path: Path
) -> None:
    with web_process(tmp_path, "spid", spid_request_binding=binding) as url:
        outcome = check_service(url, "spid", "spid-sp-public", tmp_path / "report.json")

    assert outcome.totals == (executed, 0, 0)
    assert {category: len(checks) for category, checks in outcome.checks.items()} == parts
    assert_right_answers(outcome)


# By redirect it is 237: without a Signature element in the request there are seven checks less.
def test_the_service_passes_all_checks_of_a_public_cie_service(tmp_path: Path) -> None:
    with web_process(tmp_path, "cie", spid_request_binding="post") as url:
        outcome = check_service(url, "cie", "cie-sp-public", tmp_path / "report.json")

    assert outcome.totals == (244, 0, 0)
    assert_right_answers(outcome)


def test_the_certificate_passes_all_checks_of_avviso_29(tmp_path: Path) -> None:
    _, certificate = create_key_and_certificate(
        "InterCup", "Regione Siciliana", "https://intercup.example.it", "r_sicili", "Palermo", 365
    )
    file = tmp_path / "certificate.pem"
    file.write_text(certificate, "ascii")

    done = run_tool("spid-compliant-certificates", "validator", "--crt-file", str(file))

    # It ends with 0 whatever it finds; each check is a line that begins with [I] or [E].
    lines = re.sub(r"\x1b\[\d+m", "", done.stdout + done.stderr).splitlines()
    checks = [line for line in lines if re.match(r"\[[IE]\]    ", line)]
    assert [line for line in checks if line.startswith("[E]")] == []
    assert len(checks) == CERTIFICATE_CHECKS
