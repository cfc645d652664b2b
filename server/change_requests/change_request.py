"""The content of a change request: RDF as the body, or a form with parts `added` and `removed`; and its parameters.

A form may have several parts of one name, each in its own format.

`summary`, `source`, `graph` and `acknowledge` are parameters of the address, or fields of the form (RFC 7578).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import ClassVar

from flask import request
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from kg.curation import Rationale
from kg.errors import BadValueError, shorten
from kg.rdf import graphs
from kg.submissions import PARTS, Submission, SubmittedText, unpack
from kg.submissions import read as read_submission
from server.service import service

_MOST_PARTS = 20
_WHEN = {
    "acknowledge": "Once the warnings are seen",
    "draft": "To keep it as a draft",
    "dependents": "To undo what builds on it, too",
}
"""The parameters that may be yes, and when they are."""
_URLENCODED = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class ChangeRequest:
    """The parameters of a request by name, and the texts that it submits: its body, or the parts of a form."""

    FORM: ClassVar = "multipart/form-data"
    RATIONALE: ClassVar = ("summary", "source", "acknowledge")
    """Parameters of every change."""

    fields: Mapping[str, str]
    raw_texts: Sequence[SubmittedText]
    is_form: bool

    @classmethod
    def read(cls, *names: str, is_short: bool = False) -> ChangeRequest:
        """Read the current request, which may have the parameters `names`.

        A request that `is_short` has parameters only, and may send them as an HTML form does (urlencoded). Raises
        BadValueError for other parameters, and for a form that cannot be read.
        """
        body, media_type = request.get_data(), request.headers.get("Content-Type", "")
        kind = parse_options_header(media_type)[0]
        is_form = kind == cls.FORM or (is_short and kind == _URLENCODED)
        said, parts = _parse_form(body, media_type) if is_form else ({}, [SubmittedText(body, media_type)])
        fields = {**said, **request.args}
        for name in fields:
            if name not in names:
                raise BadValueError.of_unknown(f"There is no parameter {shorten(name)!r} here.", name, names)
        for name in _WHEN:
            cls.parse_yes(name, fields.get(name))
        return cls(fields, parts, is_form)

    @staticmethod
    def parse_yes(name: str, said: str | None) -> bool:
        """Return True if a parameter is yes, False if it is absent. Raises BadValueError for any other value."""
        if said not in (None, "yes"):
            raise BadValueError(f"{name}={said!r} is not understood.", f"{_WHEN[name]}: {name}=yes")
        return said == "yes"

    def says(self, name: str) -> bool:
        """Return True if the parameter `name` is yes. Raises BadValueError for any other value."""
        return self.parse_yes(name, self.fields.get(name))

    @property
    def graph(self) -> str:
        """The IRI of the graph into which a text that names no graph goes.

        Raises BadValueError if it may not be written.
        """
        return graphs.writable_graph(self.fields.get("graph", ""))

    @property
    def rationale(self) -> Rationale:
        """The reason and the source of the change. Raises BadValueError."""
        return Rationale.parse(self.fields.get("summary", ""), self.fields.get("source", ""), self.acknowledged)

    @property
    def acknowledged(self) -> bool:
        """True if its author has seen the warnings."""
        return self.says("acknowledge")

    def texts(self) -> list[SubmittedText]:
        """Return the texts to be added and removed; if there are several, each has the name of its file.

        Raises BadValueError for a form without any, or with a part of another name.
        """
        if not self.is_form:
            (body,) = self.raw_texts
            return unpack(body.media_type, body.body)
        if unknown := [text.part for text in self.raw_texts if text.part not in PARTS]:
            raise BadValueError(f"The form has a file named {unknown[0]!r}.", "Name files added, and removed.")
        texts = [text for text in self.raw_texts if text.body.strip()]
        if not texts:
            raise BadValueError("The form has neither a part added nor a part removed.", "Send one, or both.")
        return [replace(text, file=text.file if len(texts) > 1 else "") for text in texts]

    def submission(self) -> Submission:
        """Return the change that is sent; templates (CSV) name things as the graph does that the request reads.

        Raises BadValueError, UnsupportedTypeError, RefusedSubmissionError.
        """
        texts, graph = self.texts(), self.graph
        service.revisions.current()  # which the answer names, whatever comes of it
        return read_submission(texts, graph, store=service.revisions.newest_snapshot().store)

    def single_text(self) -> list[SubmittedText]:
        """Return the one text that was sent, for adding; in a form its part may have any name.

        Raises BadValueError for a form without a part, or with several.
        """
        if len(self.raw_texts) != 1:
            raise BadValueError(f"The form has {len(self.raw_texts)} files.", "Send exactly one.")
        (text,) = self.raw_texts
        return [SubmittedText(text.body, text.media_type)]


def _parse_form(body: bytes, media_type: str) -> tuple[dict[str, str], list[SubmittedText]]:
    """Return the fields of a form, and its texts. Raises BadValueError if it cannot be read."""
    name, options = parse_options_header(media_type)
    parser = FormDataParser(max_form_parts=_MOST_PARTS, silent=False)
    try:
        _, said, files = parser.parse(BytesIO(body), name, len(body), options)
    except ValueError as error:
        raise BadValueError(f"The form cannot be read: {error}", "curl writes one with -F.") from error
    texts = []
    for part, file in files.items(multi=True):
        with closing(file):
            texts.append(SubmittedText(file.read(), file.content_type or "", part, Path(file.filename or part).name))
    texts += [SubmittedText(text.encode(), "", part, part) for part in PARTS for text in said.getlist(part)]
    return {key: value for key, value in said.items() if key not in PARTS}, texts
