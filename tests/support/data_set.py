"""A report of one passage, a work of two, and a data set of two entries, as small as they can be."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from kg.rdf import namespaces as ns
from kg.rdf.graphs import default_graph_once
from kg.rdf.vocabulary import SCHEMA, SKOS
from kg.store import DataFolder
from tests.support.folders import written
from tests.support.turtle import PREFIXES

TEXT = """
graph:passages {
  passage:p1 a cd:Passage ; skos:prefLabel "Paragraph 1"@en ; cd:order 1 ; dcterms:isPartOf publication:this-report ;
    cd:textAvailability availability:present ; cd:statementGraph report:p1 .
  <{id}passage/study/one> a cd:Passage ; skos:prefLabel "One"@en ; cd:order 1 ; dcterms:isPartOf publication:study ;
    cd:textAvailability availability:present ; cd:statementGraph <{graph}report/study/one> .
  <{id}passage/study/two> a cd:Passage ; skos:prefLabel "Two"@en ; cd:order 2 ; dcterms:isPartOf publication:study ;
    cd:textAvailability availability:present ; cd:statementGraph <{graph}report/study/two> .
  <{id}passage/atlas/q1> a cd:Passage ; skos:prefLabel "Leeds in the atlas"@en ; cd:entry "Q1" ;
    dcterms:isPartOf publication:atlas ; cd:statementGraph report:atlas .
  <{id}passage/atlas/q2> a cd:Passage ; skos:prefLabel "Hangzhou in the atlas"@en ; cd:entry "Q2" ;
    dcterms:isPartOf publication:atlas ; cd:statementGraph report:atlas .
}
graph:register {
  publication:this-report a cd:Publication , cd:Source ; skos:prefLabel "The report"@en .
  publication:study a cd:Publication , cd:Source ; skos:prefLabel "The study"@en .
  publication:atlas a cd:Publication , cd:Source ; skos:prefLabel "The atlas"@en .
  city:leeds a cd:City ; skos:prefLabel "Leeds"@en . city:hangzhou a cd:City ; skos:prefLabel "Hangzhou"@en .
  twinning:hangzhou-leeds a cd:Twinning ; skos:prefLabel "Twinning of Hangzhou and Leeds"@en .
  finding:p1--x a cd:Finding ; skos:prefLabel "X"@en . finding:one--x a cd:Finding ; skos:prefLabel "X"@en .
  finding:two--x a cd:Finding ; skos:prefLabel "X"@en .
}
report:p1 { finding:p1--x a cd:Finding ; cd:statedIn passage:p1 ; cd:about city:leeds . }
<{graph}report/study/one> {
  finding:one--x a cd:Finding ; cd:statedIn <{id}passage/study/one> ; cd:about city:leeds .
}
<{graph}report/study/two> {
  finding:two--x a cd:Finding ; cd:statedIn <{id}passage/study/two> ; cd:about city:leeds .
}
report:atlas {
  twinning:hangzhou-leeds a cd:Twinning ; cd:twin city:hangzhou , city:leeds .
  account:atlas-q1--twinning-hangzhou-leeds a cd:Account ; cd:accountOf twinning:hangzhou-leeds ;
    cd:statedIn <{id}passage/atlas/q1> .
}
""".replace("{id}", ns.ID).replace("{graph}", ns.GRAPH)


ENTRY, ITEM = NamedNode(ns.ID + "passage/atlas/q1"), NamedNode("http://www.wikidata.org/entity/Q1")
LEEDS = NamedNode(ns.ID + "city/leeds")


def store() -> Store:
    """Return all three in a store, with the default graph."""
    made, stated = Store(), list(parse(PREFIXES + TEXT, RdfFormat.TRIG))
    made.extend([*stated, *default_graph_once(stated)])
    return made


def folder(path: Path) -> DataFolder:
    """Make a data folder that holds all three and nothing else."""
    return written(path, store())


def with_item_of(thing: NamedNode, label: str = "Atlas: Q1") -> Store:
    """Return the three, with the first entry under a label, and a thing that Wikidata has under the entry's name."""
    made = store()
    for quad in list(made.quads_for_pattern(ENTRY, SKOS.prefLabel, None, None)):
        made.remove(quad)
        made.add(Quad(ENTRY, SKOS.prefLabel, Literal(label, language="en"), quad.graph_name))
    made.add(Quad(thing, SCHEMA.sameAs, ITEM))
    return made
