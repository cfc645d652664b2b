"""What is said of a CSV and of its columns, beside it: "Metadata Vocabulary for Tabular Data" (W3C, 2015).

A program finds it by the link `describedby` of the CSV ("Model for Tabular Data", section 5.2), and the other way round
by `url`, which is written as the client has written the address of the CSV.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import quote

from flask import json, request

from kg.publish.catalogues import catalogue_rights
from kg.rdf.literals import INTEGERS
from kg.rdf.namespaces import PREFIXES
from kg.rdf.vocabulary import XSD
from kg.results import ColumnType
from server.citation import Citation
from server.service import service
from server.web import AnswerType, Link

_SAFE_IN_QUERY = "/?:@!$&'()*+,;=%"
_NAMED = (XSD.decimal, XSD.double, XSD.float, XSD.boolean, XSD.gYear, XSD.gYearMonth, XSD.date, XSD.dateTime)
_DATATYPES = {
    **{datatype.value: "integer" for datatype in INTEGERS},
    **{datatype.value: datatype.value.removeprefix(PREFIXES["xsd"]) for datatype in _NAMED},
}
"""The names that datatypes have in the vocabulary. Values of any other one of XSD are texts here: none are checked."""


@dataclass(frozen=True)
class CsvMetadata:
    """What is said of a CSV at the address `url`: what it is, the query that has made it, and how to cite it.

    `citation` is that of the answer; `headings`, `meanings` and `units` are those of columns by name.
    """

    SUFFIX: ClassVar = "csv-metadata.json"
    """The suffix of its address, by which readers look for it that know no links (section 5.3)."""

    url: str
    title: str
    description: str
    query: str
    citation: Citation
    headings: Mapping[str, str] = field(default_factory=dict)
    meanings: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def link(address: str) -> Link:
        """Return the link of a CSV to the address of what is said of it."""
        return Link("describedby", address, AnswerType.CSV_METADATA)

    @staticmethod
    def requested_query(format_name: str = "") -> str:
        """Return the query of the address of the current request, for another format or for none."""
        parts = quote(request.query_string, safe=_SAFE_IN_QUERY).split("&")
        others = [part for part in parts if part and not part.startswith("format=")]
        return "&".join([*others, *([f"format={format_name}"] if format_name else [])])

    def as_json(self, columns: list[ColumnType]) -> bytes:
        """Return it as JSON, for the columns that the CSV has."""
        licence = service.workers.read(catalogue_rights)["licence"]
        said = {
            "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
            "@type": "Table",
            "url": self.url,
            "dc:title": self.title,
            **({"dc:description": self.description} if self.description else {}),
            "dc:source": {"@id": self.citation.address},
            **({"dc:license": {"@id": licence}} if licence else {}),
            "dc:bibliographicCitation": _text(self.citation.txt.strip()),
            "dc:modified": {"@value": self.citation.date, "@type": "xsd:date"},
            "schema:version": _text(self.citation.revision),
            "prov:wasGeneratedBy": {"@type": "prov:Activity", "rdf:value": _text(self.query)},
            "tableSchema": {"columns": [self.column(one) for one in columns]},
        }
        return json.dumps(said).encode()

    def column(self, column: ColumnType) -> dict[str, Any]:
        """Return what is said of a column; its first title is what the CSV has above it."""
        name = column.name
        meaning = self.meanings.get(name, column.meaning)
        unit = self.units.get(name, "")
        if unit in self.meanings:
            meaning, unit = f"{meaning} (unit: see {unit})", ""
        return {
            "name": _variable(name),
            "titles": list(dict.fromkeys([name, self.headings.get(name, name)])),
            **({"dc:description": meaning} if meaning else {}),
            **({"schema:unitText": _text(unit)} if unit else {}),
            **_type(column),
            **({"separator": column.separator} if column.separator else {}),
        }


def _text(value: str) -> dict[str, str]:
    """Return a text that is in no language."""
    return {"@value": value, "@type": "xsd:string"}


def _variable(name: str) -> str:
    """Return the name of a column as a variable of URI templates (RFC 6570), which may not begin with a line."""
    written = quote(name, safe="")
    return f"%5F{written[1:]}" if written.startswith("_") else written


def _type(column: ColumnType) -> dict[str, Any]:
    """Return the datatype and the language of a column; one whose values differ in kind has texts."""
    if column.kind == ColumnType.THING:
        return {"datatype": "anyURI"}
    if column.kind == ColumnType.TEXT:
        return {"datatype": "string", "lang": column.mark}
    if column.kind == ColumnType.LITERAL and not column.mark.startswith(PREFIXES["xsd"]):
        return {"datatype": {"@id": column.mark, "base": "string"}}
    return {"datatype": _DATATYPES.get(column.mark, "string")}
