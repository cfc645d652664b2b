"""Two works of two passages each that do not agree: what the graph of issue 12 looks like, as small as it can be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import Quad, RdfFormat, parse

from kg.rdf import namespaces as ns
from kg.rdf.graphs import default_graph_once
from kg.store import DataFolder
from tests.support.folders import written
from tests.support.turtle import PREFIXES

_FACTS = """
graph:register {
  publication:this-report a cd:Publication ; skos:prefLabel "The report"@en .
  publication:second a cd:Publication ; skos:prefLabel "The second study"@en .
  city:leeds a cd:City ; skos:prefLabel "Leeds"@en . city:hangzhou a cd:City ; skos:prefLabel "Hangzhou"@en .
  twinning:hangzhou-leeds a cd:Twinning , cd:Relation ; skos:prefLabel "Twinning of Hangzhou and Leeds"@en ;
    cd:twin city:hangzhou , city:leeds .
  country:china a cd:State ; skos:prefLabel "China"@en . city:hangzhou cd:within country:china .
  cd:status rdfs:label "status"@en . status:current skos:prefLabel "current"@en .
}
graph:passages {
  passage:p2 a cd:Passage ; skos:prefLabel "Paragraph 2"@en ; cd:order 2 ; dcterms:isPartOf publication:this-report ;
    cd:statementGraph report:p2 ; cd:locator "Section 1 Beginning, second paragraph" .
  passage:p1 a cd:Passage ; skos:prefLabel "Paragraph 1"@en ; cd:order 1 ; dcterms:isPartOf publication:this-report ;
    cd:statementGraph report:p1 ; cd:locator "Section 1 Beginning, first paragraph" ; cd:paraphrase "On Leeds."@en .
  <{id}passage/second/one> a cd:Passage ; skos:prefLabel "First part"@en ; cd:order 1 ;
    dcterms:isPartOf publication:second ; cd:statementGraph <{graph}report/second/one> ; cd:locator "Part 1" .
  <{id}passage/second/two> a cd:Passage ; skos:prefLabel "Second part"@en ; cd:order 2 ;
    dcterms:isPartOf publication:second ; cd:statementGraph <{graph}report/second/two> ;
    cd:paraphrase "利兹没有友好城市。"@zh-Hans .
}
report:p1 {
  account:p1--twinning a cd:Account ; cd:accountOf twinning:hangzhou-leeds ; cd:statedIn passage:p1 ;
    cd:printedName "LEEDS" ; cd:status status:current .
}
report:p2 { finding:p2--short a cd:Finding ; cd:statedIn passage:p2 ; cd:says "There is no more to say."@en . }
<{graph}report/second/one> {
  finding:second-one--none a cd:AbsenceFinding ; cd:statedIn <{id}passage/second/one> ; cd:tieKind
    <{vocabulary}tie-kind/twinning> ; cd:absentFor city:leeds ; cd:counterpart country:china ;
    cd:says "Leeds has no <twin> in China."@en .
}
<{graph}report/second/two> {
  finding:second-two--silent a cd:Finding ; cd:statedIn <{id}passage/second/two> ; cd:says "城市都一样。"@zh-Hans .
}
graph:interpretation {
  disagreement:leeds a cd:Disagreement ; skos:prefLabel "Twin of Leeds"@en ; cd:explanation "One of them errs."@en ;
    cd:disagreementKind disagreement-kind:denies ;
    cd:onPassage passage:p1 , <{id}passage/second/one> ;
    cd:onStatement reference:leeds-1 , reference:leeds-2 .
  reference:leeds-1 cd:inGraph report:p1 ; rdf:subject account:p1--twinning ; rdf:predicate cd:accountOf ;
    rdf:object twinning:hangzhou-leeds .
  reference:leeds-2 cd:inGraph <{graph}report/second/one> ; rdf:subject finding:second-one--none ;
    rdf:predicate cd:absentFor ; rdf:object city:leeds .
}
<{graph}vocabulary/disagreement-kind> {
  disagreement-kind:denies skos:inScheme <{vocabulary}disagreement-kind> ; skos:prefLabel "denies"@en ;
    skos:definition "Both cannot be true."@en .
}
"""


def quads() -> Iterator[Quad]:
    """Yield the quads of both works, the default graph included."""
    named = {"{id}": ns.ID, "{graph}": ns.GRAPH, "{vocabulary}": ns.VOCABULARY}
    text = PREFIXES + _FACTS
    for name, iri in named.items():
        text = text.replace(name, iri)
    stated = list(parse(text, RdfFormat.TRIG))
    yield from stated
    yield from default_graph_once(stated)


def folder(path: Path) -> DataFolder:
    """Make a data folder that holds both works and nothing else."""
    return written(path, quads())
