"""Figures of the removal of personal data: `python -m tests.support.removal_figures`."""

import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from intercup.domain.directory import Directory
from intercup.domain.personal_data import without_personal_data
from intercup.domain.personal_data.names import plain
from intercup.services.structures.structures_file import load_directory
from tests.support.paths import ROOT

SAMPLES = ROOT / "tests/samples/personal_data"
KINDS = {
    "e": "e-mail",
    "t": "telephones",
    "c": "fiscal codes",
    "r": "NRE",
    "n": "names",
    "d": "dates",
    "i": "street addresses",
    "o": "other codes",
    "k": "structures and places",
    "w": "ordinary words",
}
KEPT = ("k", "w")
_MARK = re.compile(r"<([a-z]) ([^>]*)>")
_PLACEHOLDER = re.compile(r"\[[^\]]*\]")
SMALLEST = {"n": 3}  # letters of a part of a name that counts


@dataclass(frozen=True)
class Failure:
    """A marked part that was left though personal, or removed though not."""

    kind: str
    part: str
    written: str


def sentences(file: str) -> list[str]:
    lines = (SAMPLES / file).read_text("utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def without_marks(marked: str) -> str:
    return _MARK.sub(r"\2", marked)


def failures(marked: str, directory: Directory) -> list[Failure]:
    """Compare a sentence's marks with what is written of it."""
    written = without_personal_data(without_marks(marked), directory)
    left = _words(_PLACEHOLDER.sub(" ", written))
    parts = _MARK.findall(marked)
    kept = _words(" ".join(part for kind, part in parts if kind in KEPT))
    other = kept + _words(_MARK.sub(" ", marked))
    return [
        Failure(kind, part, written)
        for kind, part in parts
        if (
            any(left[word] < kept[word] for word in _words(part))
            if kind in KEPT
            else any(
                left[word] > other[word]
                for word in _words(part)
                if len(word) >= SMALLEST.get(kind, 2)
            )
        )
    ]


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", plain(text)))


def figures(file: str, directory: Directory) -> dict[str, tuple[int, list[Failure]]]:
    """Return how many parts of each kind there are, and those that went wrong."""
    lines = sentences(file)
    counts = Counter(kind for line in lines for kind, _ in _MARK.findall(line))
    wrong = [failure for line in lines for failure in failures(line, directory)]
    return {kind: (counts[kind], [f for f in wrong if f.kind == kind]) for kind in KINDS}


def main() -> None:
    directory = load_directory(Path(ROOT / "config/structures.yaml"))
    for file in sorted(path.name for path in SAMPLES.glob("*.txt")):
        sys.stdout.write(f"{file}: {len(sentences(file))} sentences\n")
        for kind, (count, wrong) in figures(file, directory).items():
            verb = "removed" if kind in KEPT else "left"
            sys.stdout.write(f"  {KINDS[kind]}: {len(wrong)} of {count} {verb}\n")
            sys.stdout.writelines(f"    {f.part!r} in {f.written!r}\n" for f in wrong)


if __name__ == "__main__":
    main()
