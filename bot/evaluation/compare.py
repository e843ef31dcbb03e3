"""`make nlu-compare`: train and measure all candidates, one after the other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Dict, List, Optional

from evaluation.candidates import candidates
from evaluation.compare_table import as_markdown
from evaluation.docs_block import replace_block
from evaluation.machine import describe_machine
from evaluation.metrics import Prediction, percentile, recall
from evaluation.report import overview
from evaluation.sentences import BOT, SETS, TRAINING, read
from evaluation.targets import EMERGENCY

RESULTS = BOT.parent / "bench" / "results"
# A sentence is understood on one core, as in the server; TensorFlow may train on all.
ALL_CORES = {
    "TF_NUM_INTRAOP_THREADS": str(os.cpu_count() or 1),
    "TF_NUM_INTEROP_THREADS": str(os.cpu_count() or 1),
}


class CandidateFailed(Exception):
    """A candidate's process ended with an error or took too long."""


def compare(only: Optional[List[str]], minutes: float) -> int:
    """Measure, print and record; with `only`, add to the day's earlier results.

    Returns the exit status: 1 if a candidate could not be measured.
    """
    deadline = time.monotonic() + minutes * 60.0
    chosen = [c for c in candidates() if not only or c.key in only]
    results = {
        "when": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "machine": describe_machine(),
        "sentences": {name: len(part) for name, part in _sentences().items()},
        "candidates": {},
    }
    bare = _run("bare", "bare", deadline)["memory"]
    for number, candidate in enumerate(chosen, start=1):
        _say(f"[{number}/{len(chosen)}] {candidate.name}…")
        try:
            figures = _measure(candidate.key, bare, deadline)
        except CandidateFailed as failure:
            _say(f"    {failure}")
            figures = {"failed": str(failure)}
        results["candidates"][candidate.key] = {"name": candidate.name, **figures}
    failed = any("failed" in figures for figures in results["candidates"].values())
    results["candidates"] = _with_earlier(results) if only else results["candidates"]
    table = as_markdown(results)
    print(table)
    _record(results, table)
    return int(failed)


def _measure(key: str, bare: float, deadline: float) -> Dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        fit = _run("fit", key, deadline, Path(folder))
        serve = _run("serve", key, deadline, Path(folder))
    sets = {
        name: [Prediction(**each) for each in part["predictions"]]
        for name, part in serve["sets"].items()
    }
    times = [t for part in serve["sets"].values() for t in part["milliseconds"]]
    figures = {
        "training_seconds": round(fit["seconds"], 1),
        "memory_mb": round(serve["memory"] - bare),
        "p50_ms": round(percentile(times, 0.5), 2),
        **{
            name: {**overview(predictions), "emergencies": recall(predictions, EMERGENCY)}
            for name, predictions in sets.items()
        },
    }
    last = ", ".join(f"{name} {figures[name]['accuracy']:.3f}" for name in sets)
    _say(f"    {last}; {figures['training_seconds']} s")
    return figures


def _run(step: str, key: str, deadline: float, folder: Optional[Path] = None) -> Dict[str, Any]:
    """Run a step in a process of its own and return its results."""
    if folder is None:
        with tempfile.TemporaryDirectory() as own:
            return _run(step, key, deadline, Path(own))
    sentences = {n: [(s.text, s.label) for s in part] for n, part in _sentences().items()}
    (folder / "sentences.json").write_text(json.dumps(sentences))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "evaluation.candidate", step, key, str(folder)],
            cwd=BOT,
            capture_output=True,
            text=True,
            timeout=max(1.0, deadline - time.monotonic()),
            env={
                **os.environ,
                **(ALL_CORES if step == "fit" else {}),
                # A used cache would shorten the measured training.
                "RASA_CACHE_DIRECTORY": str(folder / "cache"),
            },
        )
    except subprocess.TimeoutExpired:
        raise CandidateFailed("il tempo è finito") from None
    if done.returncode:
        raise CandidateFailed((done.stderr.strip().splitlines() or ["nessun messaggio"])[-1])
    return json.loads((folder / f"{step}.json").read_text())


def _sentences() -> Dict[str, Any]:
    return {"training": read(TRAINING), **{name: read(path) for name, path in SETS.items()}}


def _with_earlier(results: Dict[str, Any]) -> Dict[str, Any]:
    """Add the candidates measured earlier on the same day and sentences, in the usual order."""
    path = RESULTS / f"nlu-{results['when'][:10]}.json"
    earlier = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    same = earlier.get("sentences") == results["sentences"]
    found = {**(earlier["candidates"] if same else {}), **results["candidates"]}
    return {c.key: found[c.key] for c in candidates() if c.key in found}


def _record(results: Dict[str, Any], table: str) -> None:
    day = results["when"][:10]
    path = RESULTS / f"nlu-{day}.json"
    path.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    replace_block(BOT.parent / "docs" / "tuning.md", "nlu-compare", table)
    _say(f"Scritti {path.relative_to(BOT.parent)} e docs/tuning.md")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
