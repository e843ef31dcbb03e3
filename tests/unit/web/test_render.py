"""The pages' HTML after the templates."""

import pytest

from intercup.web.render import with_email_whole


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("<p>Una e-mail</p>", '<p>Una <span class="nowrap">e-mail</span></p>'),
        ("<dt>E-mail</dt>", '<dt><span class="nowrap">E-mail</span></dt>'),
        ('<p title="e-mail">x</p>', '<p title="e-mail">x</p>'),
        ('<a class="btn"><svg></svg>e-mail</a>', '<a class="btn"><svg></svg>e-mail</a>'),
        ("<title>e-mail</title>", "<title>e-mail</title>"),
        ('<option value="x">e-mail</option>', '<option value="x">e-mail</option>'),
        ("<textarea rows=1>\ne-mail</textarea>", "<textarea rows=1>\ne-mail</textarea>"),
    ],
)
def test_the_texts_of_paragraphs_keep_the_word_whole(page: str, shown: str) -> None:
    assert with_email_whole(page) == shown
