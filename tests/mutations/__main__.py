"""`python -m tests.mutations`: prove that the tests notice faults."""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from tests.mutations import coverage, results
from tests.mutations.catalogue import Code, Mutation, NotFound, Place, read_mutations
from tests.mutations.choice import in_stages, tests_of
from tests.mutations.coverage import SOURCES, VAR, Coverage, fingerprint
from tests.mutations.results import Result
from tests.mutations.trial import NotRun, catcher, failing
from tests.mutations.workplace import make_copy, mutated

console = Console(highlight=False, soft_wrap=True, markup=False)


def main() -> int:
    """Do what the command line says; 0 when all is well."""
    options = _parser().parse_args()
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except (NotFound, NotRun) as error:
        console.print(str(error))
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    commands = parser.add_subparsers(required=True)
    cover = commands.add_parser("cover", help="esegue i test e annota quali righe eseguono")
    cover.add_argument("suites", nargs="*", default=coverage.SUITES, help="cartelle di test")
    cover.add_argument("--pytest", default="", metavar="OPZIONI", help='per esempio "-n 2"')
    cover.set_defaults(command=_cover)
    run = commands.add_parser("run", help="prova le mutazioni")
    run.add_argument("--only", nargs="+", metavar="NOME", help="soltanto queste")
    run.add_argument("--out", type=Path, default=VAR / "results.json", help="il file dei risultati")
    run.set_defaults(command=_run)
    compare = commands.add_parser("compare", help="dice quali non si scoprono più")
    compare.add_argument("before", type=Path)
    compare.add_argument("after", type=Path)
    compare.set_defaults(command=_compare)
    return parser


def _cover(options: argparse.Namespace) -> int:
    return coverage.measure([*options.suites, *options.pytest.split()])


def _run(options: argparse.Namespace) -> int:
    known, tree = _coverage(), make_copy()
    code = Code(tree, SOURCES)
    places = [(each, code.place_of(each)) for each in read_mutations(options.only)]
    stale = sorted({place.file for _, place in places if _is_stale(tree, place, known)})
    if stale:
        raise NotFound(f"cambiati dopo `cover`, da ripetere: {', '.join(stale)}")
    found: list[Result] = []
    for number, (mutation, place) in enumerate(places, 1):
        found.append(_tried(tree, mutation, place, number, known))
        console.print(f"{number}/{len(places)} {results.line(found[-1])}")
        results.write(found, options.out)
    console.print(results.summary(found))
    return _control(tree, found, known)


def _coverage() -> Coverage:
    try:
        return coverage.load()
    except FileNotFoundError:
        raise NotFound("prima serve `python -m tests.mutations cover`") from None


def _is_stale(tree: Path, place: Place, known: Coverage) -> bool:
    return known.sha256.get(place.file) != fingerprint(tree / place.file)


def _tried(tree: Path, mutation: Mutation, place: Place, number: int, known: Coverage) -> Result:
    begin, by = time.monotonic(), ""
    with mutated(tree, mutation, place, number):
        for stage in in_stages(tests_of(place, known)):
            by = by or catcher(tree, stage)
    seconds = round(time.monotonic() - begin, 1)
    return Result(mutation.name, mutation.symbol, bool(by), by, seconds)


def _control(tree: Path, found: list[Result], known: Coverage) -> int:
    """Check that the tests which caught something pass in the copy without mutations."""
    catchers = {result.by for result in found}
    tests = [test for test in known.tests if test.id in catchers]
    failed = failing(tree, tests, all_of_them=True) if tests else []
    for test in failed:
        console.print(f"NON VALE: fallisce anche senza mutazioni: {test}")
    return 1 if failed else 0


def _compare(options: argparse.Namespace) -> int:
    lost = results.lost(results.read(options.before), results.read(options.after))
    console.print(f"Non più scoperte: {', '.join(lost) or 'nessuna'}")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
