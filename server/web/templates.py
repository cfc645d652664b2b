"""Read templates: laid out for those who edit them, without white space on the page that does not show."""

from __future__ import annotations

import re

from flask import Flask
from jinja2 import pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context

from kg.messages import bilingual, quantity
from kg.objections import objection_frame
from kg.wording import day_text
from server.web.labels import LinkedText, fold_entries, shown_text, usual_sources

_VERBATIM = re.compile(r"(<(pre|textarea)\b.*?</\2>|\{% call example\(.*?\{% endcall %\})", re.DOTALL)
_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
_BLOCKS = (
    "html|head|body|header|footer|main|nav|section|article|aside|div|p|h[1-6]|ul|ol|li|dl|dt|dd|table|caption|thead|tbody"
    "|tr|th|td|form|details|summary|figure|figcaption|pre|meta|link|title|option|text|line|path|circle|rect|g"
)
"""Elements at whose edges white space does not show."""
_IN_TAG = r"(?>\{%.*?%\}|\{\{.*?\}\}|[^<>])*+"
"""What stands in a tag. It is never read in another way: else a tag with twenty of Jinja's would take minutes."""
_BREAK = re.compile(rf"(</?(?:{_BLOCKS})\b{_IN_TAG}>)\n|\n(?=</?(?:{_BLOCKS})\b)", re.DOTALL)
_SILENT_BREAK = "{#\n#}"
_KEPT = r"\{%.*?%\}\n?|\{#.*?#\}\n?|\{\{.*?-\}\}\n?|\{\{.*?\}\}"
_LINE_END = re.compile(rf"({_KEPT})|\n", re.DOTALL)


class _Layout(Extension):
    """Leave out the layout of templates, but not of preformatted text."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return a template as it is compiled; each line keeps its number, which errors name."""
        place, parts = 0, []
        for kept in _VERBATIM.finditer(source):
            parts += [_join_lines(source[place : kept.start()]), kept[0]]
            place = kept.end()
        return "".join([*parts, _join_lines(source[place:])])


def _join_lines(text: str) -> str:
    """Return a part of a template with a space at the ends of lines where white space shows, else nothing."""
    unindented = _BREAK.sub(rf"\1{_SILENT_BREAK}", _INDENTATION.sub("", text))
    return _LINE_END.sub(lambda found: found[1] or f"{_SILENT_BREAK} ", unindented)


def attach(app: Flask) -> None:
    """Let the templates of an app be laid out in lines; those with nothing but tags of Jinja leave nothing behind."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.add_extension(_Layout)
    app.jinja_env.filters["in_work"] = shown_text
    app.jinja_env.filters["linked"] = LinkedText.throughout
    app.jinja_env.filters["fold_entries"] = fold_entries
    app.jinja_env.filters["usual_sources"] = usual_sources
    app.jinja_env.filters["objection_frame"] = objection_frame
    app.jinja_env.globals["_"] = _message
    app.jinja_env.filters["day"] = day_text
    app.jinja_env.filters["quantity"] = quantity
    app.jinja_env.filters["moment"] = _moment


@pass_context
def _message(context: Context, template: str, **values: object) -> str:
    """Return a message (kg.messages) in the language of a page, which it names by `lang`; English without it."""
    english, chinese = bilingual(template, **values)
    return english if context.get("lang", "en") == "en" else chinese


def _moment(written: str) -> str:
    """Return a moment in ISO 8601 to the minute: 29 November 2026, 10:37."""
    return f"{day_text(written)}, {written[11:16]}"
