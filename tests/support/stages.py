"""Targets of make, two at a time: `python -m tests.support.stages lint test-bot test-widget`.

A target's output goes to var/stages, and to the terminal if it fails or, with `--live`, at once.
"""

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from tests.support.paths import ROOT

LOGS = ROOT / "var" / "stages"
AT_ONCE = 2  # a target uses a single core most of its time
# Variables of the calling make, whose jobs aren't ours.
NOT_PASSED_ON = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")


def main() -> int:
    """Run all targets, even after a failure; name the failed ones and return 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="+")
    parser.add_argument("--live", help="the target whose output is shown at once")
    arguments = parser.parse_args()
    LOGS.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        passed = list(
            pool.map(lambda target: run(target, target == arguments.live), arguments.targets)
        )
    failed = [name for name, good in zip(arguments.targets, passed, strict=True) if not good]
    if failed:
        say(f"Non passati: {', '.join(failed)}")
    return 1 if failed else 0


def run(target: str, live: bool) -> bool:
    """Make a target; return True if it succeeded."""
    begun = time.monotonic()
    log = LOGS / f"{target}.log"
    environment = {k: v for k, v in os.environ.items() if k not in NOT_PASSED_ON}
    with log.open("wb") as output:
        done = subprocess.run(
            ["make", "--no-print-directory", target],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=None if live else output,
            stderr=None if live else output,
            check=False,
        )
    passed = done.returncode == 0
    if not passed:
        say(log.read_text("utf-8", "replace"))
    verdict = "passato" if passed else "NON passato"
    say(f"== {target}: {verdict} ({time.monotonic() - begun:.0f} s)")
    return passed


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
