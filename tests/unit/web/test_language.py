"""The browser's languages."""

import pytest

from intercup.web.language import accepted_languages, best_of


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "it"),
        ("ar", "ar"),
        ("ro-RO,ro;q=0.9,en;q=0.8", "ro"),
        ("de-DE,de;q=0.9,en;q=0.7", "en"),
        ("de", "it"),
        # Who reads Italian too, perhaps on a computer set up in English, gets the text that counts.
        ("en-US,en;q=0.9,it;q=0.8", "it"),
        ("fr;q=0.4, en;q=0.6", "en"),
        ("en;q=0, fr;q=0.1", "fr"),
        ("it;q=0, fr", "fr"),
        ("*", "it"),
        ("fr;q=nan", "it"),
        ("fr;q=x", "it"),
        (";;;,,,=,q", "it"),
        (",".join(["xx"] * 5000 + ["fr"]), "it"),
    ],
)
def test_the_browsers_best_language_is_taken_and_italian_when_unsure(
    header: str, language: str
) -> None:
    assert best_of(accepted_languages(header)) == language
