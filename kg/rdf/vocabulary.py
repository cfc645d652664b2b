"""The terms that code names, of our ontology and of the standards: `CD.accountOf`, `SKOS.prefLabel`.

The ontology declares its terms, and the standards theirs; they are not declared again here. A misspelt one would be a
term that nothing is ever found by: `make lint` looks each use up where the term is declared. A name that comes as data
is expanded by `kg.rdf.namespaces`.
"""

from __future__ import annotations

from pyoxigraph import NamedNode

from kg.rdf import namespaces as ns


class Vocabulary:
    """A namespace whose terms are its attributes."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace

    def __getattr__(self, name: str) -> NamedNode:
        """Return a term, which is an attribute like any other from then on."""
        if name.startswith("_"):
            raise AttributeError(name)
        term = self.__dict__[name] = NamedNode(self._namespace + name)
        return term


CD = Vocabulary(ns.CD)
DCTERMS = Vocabulary(ns.PREFIXES["dcterms"])
FOAF = Vocabulary(ns.PREFIXES["foaf"])
GEO = Vocabulary(ns.PREFIXES["geo"])
OWL = Vocabulary(ns.PREFIXES["owl"])
PROV = Vocabulary(ns.PREFIXES["prov"])
RDF = Vocabulary(ns.PREFIXES["rdf"])
RDFS = Vocabulary(ns.PREFIXES["rdfs"])
SCHEMA = Vocabulary(ns.PREFIXES["schema"])
SH = Vocabulary(ns.PREFIXES["sh"])
SKOS = Vocabulary(ns.PREFIXES["skos"])
VANN = Vocabulary("http://purl.org/vocab/vann/")
WGS84 = Vocabulary(ns.PREFIXES["wgs84"])
XSD = Vocabulary(ns.PREFIXES["xsd"])
