"""Commands on a machine that lacks what most have."""

import os
import subprocess
import sys

from tests.support.paths import ROOT


def test_the_service_starts_without_time_zones_on_the_machine() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "intercup.commands.main", "check-config"],
        cwd=ROOT,
        env=os.environ | {"PYTHONTZPATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "No time zone" not in checked.stderr
    assert "configurazione valida" in checked.stdout
