"""A copy of the assistant's files with a fourth category, made by editing YAML files only."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from tests.support.paths import ROOT

LABEL = "Richiesta di rimborso del ticket"
CATEGORY = f"""\
  - id: refund
    label: {LABEL}
    subject: Richiesta di rimborso
    structure: required
    route: administrative
    intents:
      ask_refund: Vorrei il rimborso di un ticket
    words: [rimborso]
"""
SENTENCES = """\
- intent: ask_refund
  examples: |
    - vorrei il rimborso del ticket
    - come chiedo il rimborso di un ticket pagato due volte
    - ho pagato due volte il ticket e voglio il rimborso
    - mi dovete restituire i soldi del ticket
    - chiedo la restituzione del ticket già pagato
    - il ticket non era dovuto, come faccio a riavere i soldi
    - devo avere indietro il ticket di una visita mai fatta
    - rimborso ticket
    - sono esente e ho pagato il ticket, vorrei il rimborso
    - quando mi rimborsate il ticket
"""
LAST_OF_DOMAIN, LAST_OF_RULES = "  - change_booking\n", "          - intent: change_booking\n"
# By file: the replaced line (none: append at the end) and the new text.
EDITS = {
    "config/structures.yaml": ("  - id: platform\n", CATEGORY + "  - id: platform\n"),
    "bot/domain.yml": (LAST_OF_DOMAIN, LAST_OF_DOMAIN + "  - ask_refund\n"),
    "bot/data/nlu.yml": ("", SENTENCES),
    "bot/data/rules.yml": (LAST_OF_RULES, f"{LAST_OF_RULES}          - intent: ask_refund\n"),
}


SENTENCE = "    - "
OF_THE_OTHERS = 6  # each sixth sentence of the other categories: a sixth of the training's time


def leave_out_sentences(place: Path) -> None:
    """Leave most sentences of the other intents out of a copy, to train it sooner."""
    own = SENTENCES.splitlines(keepends=True)
    for file in (place / "bot/data").glob("nlu*.yml"):
        lines = file.read_text("utf-8").splitlines(keepends=True)
        kept = [
            line
            for number, line in enumerate(lines)
            if not line.startswith(SENTENCE) or number % OF_THE_OTHERS == 0 or line in own
        ]
        file.write_text("".join(kept), "utf-8")


def copy_assistant(folder: Path, edited: Iterable[str] = EDITS) -> Path:
    """Copy bot/ and config/ into a working folder for commands, and apply the edits."""
    ignored = shutil.ignore_patterns("models", "__pycache__", "tests", ".rasa")
    for name in ("bot", "config"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in (".venv-bot", "web-widget"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "bot/models").mkdir()
    for vectors in (ROOT / "bot/models").glob("vectors-*.npz"):  # of sentences that stay the same
        (folder / "bot/models" / vectors.name).symlink_to(vectors)
    for name in edited:
        old, new = EDITS[name]
        text = (folder / name).read_text("utf-8")
        assert old in text, f"{name}: {old!r}"
        (folder / name).write_text(text.replace(old, new) if old else text + new, "utf-8")
    return folder
