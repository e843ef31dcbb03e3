"""The likely destinations of a request in the wrong office."""

import pytest

from intercup.domain.directory import Directory
from intercup.domain.forwarding import likely_forwards


@pytest.mark.parametrize(
    ("category", "structure", "subject", "mentioned", "likely"),
    [
        ("platform", "asp_trapani", None, (), [("platform", ""), ("technical", "asp_trapani")]),
        ("platform", None, None, (), [("platform", "")]),
        ("platform", None, None, ("ao_papardo",), [("technical", "ao_papardo")] * 2),
        ("technical", "asp_trapani", "access", (), [("platform", "")] * 2),
        (
            *("technical", "asp_trapani", "information", ("ao_papardo",)),
            [("administrative", "ao_papardo"), ("platform", "")],
        ),
        ("access", None, None, (), [("platform", "")] * 2),
    ],
)
def test_facts_and_note_name_the_likely_offices(
    directory: Directory,
    category: str,
    structure: str | None,
    subject: str | None,
    mentioned: tuple[str, ...],
    likely: list[tuple[str, str]],
) -> None:
    found = likely_forwards(
        directory.category_by_id[category], structure, subject, mentioned, directory
    )
    assert [(form.destination, form.structure) for form in found] == likely
