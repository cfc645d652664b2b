"""How templates are laid out does not show on the page."""

from __future__ import annotations

import pytest
from flask import Flask, render_template_string

from server.web import templates
from server.web.templates import _join_lines


@pytest.fixture(scope="module")
def app() -> Flask:
    app = Flask(__name__)
    templates.attach(app)
    return app


@pytest.mark.parametrize(
    ("laid_out", "shown"),
    [
        ("<ul>\n  <li>\n    one\n  </li>\n</ul>", "<ul><li>one</li></ul>"),
        ("<p>\n  two\n  words\n</p>", "<p>two words</p>"),
        ("<p>\n  <b>bold</b>\n  <i>slanted</i>\n</p>", "<p><b>bold</b> <i>slanted</i></p>"),
        (
            "{% if a %}\n  <p>\n    said\n    {%- if a %} twice{% endif %}.\n  </p>\n{% endif %}\n",
            "<p>said twice.</p>",
        ),
        ("<pre>\n  kept\n    as it is\n</pre>", "<pre>\n  kept\n    as it is\n</pre>"),
        ("<p>\n  a\n</p>\n<textarea>\n x\n</textarea>\n<p>\n  b\n</p>", "<p>a</p><textarea>\n x\n</textarea><p>b</p>"),
    ],
)
def test_lines_and_indentation_leave_no_space_that_shows(app: Flask, laid_out: str, shown: str) -> None:
    with app.app_context():
        assert render_template_string(laid_out, a=True) == shown


def test_an_error_names_the_line_of_the_file(app: Flask) -> None:
    with app.app_context(), pytest.raises(ZeroDivisionError) as caught:
        render_template_string(
            "<ul>\n  <li>\n    one\n  </li>\n  <li>\n    {{ 1 / none_of_them }}\n  </li>\n</ul>", none_of_them=0
        )
    assert caught.traceback[-1].lineno == 5  # counted from 0


def test_a_tag_with_many_tags_of_jinja_is_laid_out_in_a_moment() -> None:
    """It once took minutes, during which nothing was answered."""
    tag = "<input " + """{% if a %} b{% endif %} c="{{ d }}" """ * 40
    assert _join_lines(f"{tag}>\n<p>").endswith(">{#\n#}<p>")
    assert _join_lines(tag) == tag
