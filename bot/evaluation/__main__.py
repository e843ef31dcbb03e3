"""The command line: `report` measures the trained model, `compare` other ways to understand."""

import argparse
import os
import sys
from pathlib import Path

from engine.launcher import ENVIRONMENT


def main() -> int:
    """Run the command line and return the exit status."""
    parser = argparse.ArgumentParser(prog="evaluation", description=__doc__)
    commands = parser.add_subparsers(required=True, dest="command")
    report = commands.add_parser("report", help="measure models/intercup.tar.gz")
    report.add_argument("--record", action="store_true", help="write the figures into docs/ too")
    compare = commands.add_parser("compare", help="train and measure the candidates")
    compare.add_argument("--only", nargs="+", metavar="KEY", help="measure these again")
    compare.add_argument("--minutes", type=float, default=20.0, help="the limit for all (20)")
    compare.add_argument("--epochs", default="100", help="of DIET; 100 take an hour and more")
    trial = commands.add_parser("trial", help="compare two models, for the technical team")
    for name in ("project", "old", "new", "out"):
        trial.add_argument(name, type=Path)
    rasa = commands.add_parser("rasa", help="a command of Rasa's own, for a trial")
    rasa.add_argument("words", nargs=argparse.REMAINDER)
    parsed = parser.parse_args()
    # The libraries read these variables at import, so none is imported above.
    os.environ.update(ENVIRONMENT)
    if parsed.command == "report":
        from evaluation.measure_model import report as measure

        return measure(parsed.record)
    if parsed.command == "rasa":
        from evaluation.rasa_command import run

        return run(parsed.words)
    if parsed.command == "trial":
        from evaluation.trial import trial as compare_models

        return compare_models(parsed.project, parsed.old, parsed.new, parsed.out)
    os.environ["DIET_EPOCHS"] = parsed.epochs
    from evaluation.compare import compare as measure_all

    return measure_all(parsed.only, parsed.minutes)


if __name__ == "__main__":
    sys.exit(main())
