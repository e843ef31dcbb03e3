"""Copy the marks out of the installed packages: `python extract.py PACKAGES TARGET`.

A provider's mark is named after the host of its entityID, as the package's own button lists them.
"""

import re
import shutil
import sys
from pathlib import Path
from urllib.parse import urlsplit

SPID = "djangosaml2_spid/static/spid"
BUTTON = "djangosaml2_spid/templates/spid_button.html"
SCHEMES = {
    "spid.svg": f"{SPID}/spid-ico-circle-bb.svg",
    "cie.svg": "spid_cie_oidc/relying_party/static/svg/cie-ico-circle-bb.svg",
}
_PROVIDER = re.compile(r'data-entityid="(https://[^"{]+)"[\s\S]*?static \'spid/([\w-]+\.svg)\'')


def main(packages: Path, target: Path) -> None:
    """Copy all; a missing file ends it, as a newer package may name it differently."""
    target.mkdir(parents=True, exist_ok=True)
    for name, source in SCHEMES.items():
        shutil.copyfile(packages / source, target / name)
    for entity_id, file in _PROVIDER.findall((packages / BUTTON).read_text("utf-8")):
        host = urlsplit(entity_id).hostname
        shutil.copyfile(packages / SPID / file, target / f"{host}.svg")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
