"""One step of one candidate, in a process of its own for separate figures of memory and time.

`python -m evaluation.candidate bare|fit|serve KEY FOLDER`; reads FOLDER/sentences.json and writes
FOLDER/STEP.json.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Dict

from evaluation.candidates import Candidate, RasaCandidate, candidates
from evaluation.sentences import Sentence

KIBIBYTE = 1024
MEGABYTE = 1e6


def main() -> None:
    """Run the step and write its result."""
    step, key, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    candidate = next((c for c in candidates() if c.key == key), None)
    if not (isinstance(candidate, RasaCandidate) and candidate.tensorflow):
        from engine.without_tensorflow import leave_out_neural_components

        leave_out_neural_components()
    # Imported by all candidates: modules that the server loads anyway don't count for any.
    import rasa.model_training  # noqa: F401
    from sklearn.linear_model import LogisticRegression  # noqa: F401

    result = {"memory": memory()} if candidate is None else _do(step, candidate, folder)
    (folder / f"{step}.json").write_text(json.dumps(result))


def memory() -> float:
    """Return the resident memory of this process in megabytes."""
    gc.collect()
    lines = Path("/proc/self/status").read_text().splitlines()
    kibibytes = next(line.split()[1] for line in lines if line.startswith("VmRSS"))
    return int(kibibytes) * KIBIBYTE / MEGABYTE


def _do(step: str, candidate: Candidate, folder: Path) -> Dict[str, Any]:
    if isinstance(candidate, RasaCandidate):
        from evaluation.rasa_candidate import fit, serve
    else:
        from evaluation.plain_candidate import fit, serve  # type: ignore[assignment]
    sets = {
        name: [Sentence(*each) for each in sentences]
        for name, sentences in json.loads((folder / "sentences.json").read_text()).items()
    }
    if step == "fit":
        start = time.perf_counter()
        fit(candidate, sets["training"], folder)
        return {"seconds": time.perf_counter() - start}
    results = serve(folder, {name: sets[name] for name in sets if name != "training"})
    return {
        "memory": memory(),
        "sets": {
            name: {"predictions": [asdict(p) for p in predictions], "milliseconds": milliseconds}
            for name, (predictions, milliseconds) in results.items()
        },
    }


if __name__ == "__main__":
    main()
