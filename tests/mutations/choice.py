"""Choose the tests of a mutation: those that run its place, the likeliest to notice it first."""

from collections import Counter
from pathlib import PurePath

from tests.mutations.catalogue import Place
from tests.mutations.coverage import Coverage, Mask, Test

FIRST = 60  # tests that are tried before all others


def tests_of(place: Place, coverage: Coverage) -> list[Test]:
    """Return the tests that run a place: first the unit tests, then whoever runs little else.

    Of a test with many cases one comes first, the others after a case of each other test.
    """
    lines = coverage.lines.get(place.file, {})
    mask: Mask = 0
    for line in place.lines:
        mask |= lines.get(line, 0)
    found = [test for each, test in enumerate(coverage.tests) if mask >> each & 1]
    found.sort(key=lambda test: (test.lines, test.id))
    cases: Counter[str] = Counter()
    order = {}
    for test in found:
        name = test.id.partition("[")[0]
        order[test.id] = ("unit" not in PurePath(name).parts, cases[name])
        cases[name] += 1
    return sorted(found, key=lambda test: order[test.id])


def in_stages(tests: list[Test]) -> list[list[Test]]:
    """Part the likeliest tests from the rest, which run only if those notice nothing."""
    return [stage for stage in (tests[:FIRST], tests[FIRST:]) if stage]
