"""`make lighthouse`: home and assistance on Lighthouse's slow phone, about 1 minute.

Accessibility and best practices must be 100; speed depends on the machine and is only recorded.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from intercup.services.login.sessions import log_in
from intercup.services.structures.structures_file import load_directory
from tests.support.browser.chromium import found_chromium
from tests.support.browser.page_place import Place, running_place
from tests.support.made_requests import AGATA
from tests.support.paths import ROOT

PROGRAM = Path(__file__).parent / "node_modules/lighthouse/cli/index.js"
RESULTS = ROOT / "bench" / "results"
MUST_BE_PERFECT = ("accessibility", "best-practices")
CATEGORIES = ("performance", *MUST_BE_PERFECT)
METRICS = {  # milliseconds, but for the shift of the layout
    "first-contentful-paint": "first_paint",
    "largest-contentful-paint": "largest_paint",
    "total-blocking-time": "blocked",
    "cumulative-layout-shift": "layout_shift",
}
RUN_LIMIT = 120.0  # seconds


async def main() -> int:
    """Measure, print and store the results; return 1 if a required score is below 100."""
    directory = load_directory(ROOT / "config" / "structures.yaml")
    with tempfile.TemporaryDirectory() as folder:
        async with running_place(directory, Path(folder)) as place:
            cookie = await log_in(place.database, None, AGATA, time.time())
            pages = {
                "home": await measure(place, "/", ""),
                "assistance": await measure(place, "/assistenza", f"intercup={cookie}"),
            }
    today = datetime.now(UTC).date().isoformat()
    result = {"when": today, "cores": os.cpu_count(), "pages": pages}
    (RESULTS / f"lighthouse-{today}.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(pages, indent=2))
    faults = [f for page in pages.values() for f in page["faults"]]
    return 1 if faults else 0


async def measure(place: Place, path: str, cookie: str) -> dict[str, Any]:
    """Run Lighthouse with its preset for phones."""
    browser = found_chromium()
    environment = os.environ | ({"CHROME_PATH": browser} if browser else {})
    sandbox = " --no-sandbox" if os.geteuid() == 0 else ""
    process = await asyncio.create_subprocess_exec(
        *("node", str(PROGRAM), place.url + path, "--output=json", "--quiet"),
        f"--chrome-flags=--headless=new{sandbox}",
        f"--only-categories={','.join(CATEGORIES)}",
        f"--extra-headers={json.dumps({'Cookie': cookie})}",
        "--no-enable-error-reporting",
        stdout=asyncio.subprocess.PIPE,
        env=environment,
    )
    async with asyncio.timeout(RUN_LIMIT):
        output, _ = await process.communicate()
    return read(json.loads(output))


def read(report: dict[str, Any]) -> dict[str, Any]:
    """Extract a report's scores (of 100), its times, and the faults behind required scores."""
    audits, categories = report["audits"], report["categories"]
    faults = [
        f"{name}: {audits[ref['id']]['title']}"
        for name in MUST_BE_PERFECT
        for ref in categories[name]["auditRefs"]
        if ref["weight"] and audits[ref["id"]]["score"] not in (None, 1)
    ]
    return {
        **{name.replace("-", "_"): round(categories[name]["score"] * 100) for name in CATEGORIES},
        **{short: round(audits[name]["numericValue"], 3) for name, short in METRICS.items()},
        "faults": faults,
    }


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
