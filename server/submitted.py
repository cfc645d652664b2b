"""What a request submits: RDF in its body, or a form with the parts `added` and `removed`, and what is said about it.

`summary`, `source`, `graph` and `acknowledge` are parameters of the address, or fields of the form (RFC 7578).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
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
    """What was sent: the body as it came with its Content-Type, and what is said about it by name."""

    body: bytes
    media_type: str
    fields: Mapping[str, str] = field(default_factory=dict)

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
        if parse_options_header(self.media_type)[0] != FORM:
            return packing.unpacked(self.media_type, self.body)
        parts = _form(self.body, self.media_type)[1].items()
        if unknown := [name for name, _ in parts if name not in packing.NAMES]:
            raise BadValueError(f"The form has a file named {unknown[0]!r}.", "Name files added, and removed.")
        texts = {name: text for name, text in parts if text.body.strip()}
        if not texts:
            raise BadValueError("The form has neither a part added nor a part removed.", "Send one, or both.")
        return texts

    def whole(self) -> dict[str, Text]:
        """Return the one text that was sent, also if it is a part of a form of any name, for adding.

        Raises BadValueError for a form without a part, or with several: they may not be of one format.
        """
        if parse_options_header(self.media_type)[0] != FORM:
            return {"added": Text(self.body, self.media_type)}
        parts = list(_form(self.body, self.media_type)[1].values())
        if len(parts) != 1:
            raise BadValueError(f"The form has {len(parts)} files.", "Send one at a time.")
        return {"added": parts[0]}


def read(*names: str, forms: tuple[str, ...] = (FORM,)) -> Submitted:
    """Return what the current request submits, about which the parameters `names` may be said; also in `forms`.

    Raises UnknownNameError for other parameters, BadValueError for a form that cannot be read.
    """
    body, media_type = request.get_data(), request.headers.get("Content-Type", "")
    fields = dict(request.args)
    if parse_options_header(media_type)[0] in forms:
        fields = {**_form(body, media_type)[0], **fields}
    for name in fields:
        if name not in names:
            raise BadValueError(f"There is no parameter {name!r} here.", f"There are: {', '.join(names)}")
    return Submitted(body, media_type, fields)


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
