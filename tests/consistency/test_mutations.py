"""Mutations name their functions: a renamed one must be renamed there too."""

from collections import Counter

from tests.mutations.catalogue import Code, NotFound, read_mutations
from tests.support.paths import ROOT


def test_every_mutation_has_one_place_and_changes_it() -> None:
    code, offenders = Code(ROOT, "intercup"), []
    for mutation in read_mutations():
        try:
            place = code.place_of(mutation)
        except NotFound as error:
            offenders.append(str(error))
            continue
        text = (ROOT / place.file).read_text("utf-8")
        before, after = text[: place.position], text[place.position :]
        changed = before + after.replace(mutation.old, mutation.new, 1)
        assert changed != text
        compile(changed, place.file, "exec")
    assert not offenders, "\n".join(offenders)


def test_no_two_mutations_have_the_same_name() -> None:
    assert max(Counter(mutation.name for mutation in read_mutations()).values()) == 1
