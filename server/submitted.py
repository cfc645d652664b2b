"""What a request submits: RDF in its body, or a form with the parts `added` and `removed`, and what is said about it.

`summary`, `source`, `graph` and `acknowledge` are parameters of the address, or fields of the form (RFC 7578).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO

from flask import request
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from kg import curating, packing
from kg.errors import BadValueError
from kg.submissions import Text

FORM = "multipart/form-data"
FORMS = (FORM, "application/x-www-form-urlencoded")
WORDS = ("summary", "source", "acknowledge")

_MOST_PARTS = 20


@dataclass(frozen=True)
class Submitted:
    """What was sent: what is said about it by name, and the texts, by the names of their parts where it was a form."""

    fields: Mapping[str, str]
    parts: Mapping[str, Text]
    is_form: bool

    @property
    def graph(self) -> str:
        """The IRI of the graph that a text without graphs is for. Raises BadValueError for one not to be written."""
        return curating.checked_graph(self.fields.get("graph", ""))

    @property
    def words(self) -> curating.Words:
        """Why, and from which source. Raises BadValueError."""
        return curating.Words.checked(self.fields.get("summary", ""), self.fields.get("source", ""), self.acknowledged)

    @property
    def acknowledged(self) -> bool:
        """Whether its author has seen the warnings."""
        return self.fields.get("acknowledge", "") == "yes"

    def texts(self) -> dict[str, Text]:
        """Return what is to be added and removed by these names; a body that is no form is under "added".

        Raises BadValueError for a form without either.
        """
        if not self.is_form:
            body = self.parts["added"]
            return packing.unpacked(body.media_type, body.body)
        if unknown := [name for name in self.parts if name not in packing.NAMES]:
            raise BadValueError(f"The form has a file named {unknown[0]!r}.", "Name files added, and removed.")
        texts = {name: text for name, text in self.parts.items() if text.body.strip()}
        if not texts:
            raise BadValueError("The form has neither a part added nor a part removed.", "Send one, or both.")
        return texts

    def whole(self) -> dict[str, Text]:
        """Return the one text that was sent, also if it is a part of a form of any name, for adding.

        Raises BadValueError for a form without a part, or with several: they may not be of one format.
        """
        if len(self.parts) != 1:
            raise BadValueError(f"The form has {len(self.parts)} files.", "Send one at a time.")
        (text,) = self.parts.values()
        return {"added": text}


def read(*names: str, forms: tuple[str, ...] = (FORM,)) -> Submitted:
    """Return what the current request submits, about which the parameters `names` may be said; also in `forms`.

    Raises BadValueError for other parameters, and for a form that cannot be read.
    """
    body, media_type = request.get_data(), request.headers.get("Content-Type", "")
    is_form = parse_options_header(media_type)[0] in forms
    said, parts = _form(body, media_type) if is_form else ({}, {"added": Text(body, media_type)})
    fields = {**said, **request.args}
    for name in fields:
        if name not in names:
            raise BadValueError(f"There is no parameter {name!r} here.", f"There are: {', '.join(names)}")
    return Submitted(fields, parts, is_form)


def _form(body: bytes, media_type: str) -> tuple[dict[str, str], dict[str, Text]]:
    """Return the fields of a form, and its texts. Raises BadValueError if it cannot be read."""
    name, options = parse_options_header(media_type)
    parser = FormDataParser(max_form_parts=_MOST_PARTS, silent=False)
    try:
        _, said, files = parser.parse(BytesIO(body), name, len(body), options)
    except ValueError as error:
        raise BadValueError(f"The form cannot be read: {error}", "curl writes one with -F.") from error
    texts = {}
    for part, file in files.items(multi=True):
        with closing(file):
            if part in texts:
                raise BadValueError(f"The form has two parts named {part!r}.", "Send one of each name.")
            texts[part] = Text(file.read(), file.content_type or "")
    texts |= {part: Text(said[part].encode(), "") for part in packing.NAMES if part in said}
    return {key: value for key, value in said.items() if key not in packing.NAMES}, texts
