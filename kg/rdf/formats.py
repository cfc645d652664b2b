"""One table of the formats we read and write: name, media type, file suffix, and the engine's constant."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import QueryResultsFormat, RdfFormat

SPARQL_QUERY = "application/sparql-query"
"""The media type of the text of a query (SPARQL 1.1 Protocol, section 4)."""
HTML = "text/html"
"""The media type of pages, which exist for every answer."""


@dataclass(frozen=True)
class GraphFormat:
    """A serialisation of RDF.

    `title` is what people call it; `file_type` is its code in the EU's list of file types, which DCAT-AP asks for;
    `keeps_graphs` is True if it has named graphs.
    """

    name: str
    title: str
    media_type: str
    suffix: str
    file_type: str
    engine: RdfFormat
    keeps_graphs: bool


@dataclass(frozen=True)
class ResultFormat:
    """A serialisation of SELECT and ASK results; CSV and TSV have no booleans in SPARQL 1.1.

    `title` is what people call it; `engine` is None for those that kg.sparql.evaluation writes: GeoJSON, which needs a
    column of geometries, and Markdown.
    """

    name: str
    title: str
    media_type: str
    suffix: str
    engine: QueryResultsFormat | None
    booleans: bool
    needs_geometry: bool = False

    @property
    def iri(self) -> str:
        """The IRI of the format: the W3C's where there is one, else that of the media type at IANA."""
        return self.engine.iri if self.engine else f"{_IANA}{self.media_type}"

    def is_without_rows(self, table: bytes) -> bool:
        """Return True if a table that was written in this format has no row."""
        if self.suffix in ("csv", "tsv"):
            return table.count(b"\n", 0, -1) == 0
        if self.suffix == "md":
            return table.count(b"\n") == _LINES_OF_HEADING
        return table.endswith((b"[]}}", b"[\n]}\n", b"<results></results></sparql>"))


_LINES_OF_HEADING = 2  # the names of the columns, and their alignment

_IANA = "https://www.iana.org/assignments/media-types/"

GRAPH_FORMATS = (
    GraphFormat("ttl", "Turtle", "text/turtle", "ttl", "RDF_TURTLE", RdfFormat.TURTLE, False),
    GraphFormat("trig", "TriG", "application/trig", "trig", "RDF_TRIG", RdfFormat.TRIG, True),
    GraphFormat("jsonld", "JSON-LD", "application/ld+json", "jsonld", "JSON_LD", RdfFormat.JSON_LD, True),
    GraphFormat("nt", "N-Triples", "application/n-triples", "nt", "RDF_N_TRIPLES", RdfFormat.N_TRIPLES, False),
    GraphFormat("nq", "N-Quads", "application/n-quads", "nq", "RDF_N_QUADS", RdfFormat.N_QUADS, True),
    GraphFormat("rdf", "RDF/XML", "application/rdf+xml", "rdf", "RDF_XML", RdfFormat.RDF_XML, False),
)

RESULT_FORMATS = (
    ResultFormat("json", "JSON", "application/sparql-results+json", "json", QueryResultsFormat.JSON, True),
    ResultFormat("xml", "XML", "application/sparql-results+xml", "xml", QueryResultsFormat.XML, True),
    ResultFormat("csv", "CSV", "text/csv", "csv", QueryResultsFormat.CSV, False),
    ResultFormat("tsv", "TSV", "text/tab-separated-values", "tsv", QueryResultsFormat.TSV, False),
    ResultFormat("geojson", "GeoJSON", "application/geo+json", "geojson", None, False, needs_geometry=True),
    ResultFormat("md", "Markdown", "text/markdown", "md", None, False),
)

GRAPH_FORMAT = {fmt.name: fmt for fmt in GRAPH_FORMATS}
RESULT_FORMAT = {fmt.name: fmt for fmt in RESULT_FORMATS}
GRAPH_TYPES = {fmt.media_type: fmt.engine for fmt in GRAPH_FORMATS}
RESULT_TYPES = {fmt.media_type: fmt for fmt in RESULT_FORMATS}
READABLE_SUFFIXES = {f".{fmt.suffix}": fmt.engine for fmt in GRAPH_FORMATS}
