"""What `python -m tests.ontology.counts` counts is what is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.rdf.namespaces import PREFIXES
from tests.ontology.counts import table

TERMS = """
cd:Used a owl:Class . cd:Idle a owl:Class ; rdfs:subClassOf cd:Used .
cd:Gone a owl:Class ; owl:deprecated true ; dcterms:isReplacedBy cd:New . cd:New a owl:Class .
theme:wide a skos:Concept . theme:narrow a skos:Concept ; skos:broader theme:wide .
theme:idle a skos:Concept ; skos:broader theme:wide .
cd:told a owl:DatatypeProperty . <http://example.org/foreign> a owl:Class .
"""
EXPECTED = """\
              in use    idle  current  replaced
classes            2       1        3         1
properties         1       0        1         0
schemes            0       0        0         0
concepts           2       1        3         0
classes that nothing uses: cd:Idle
classes that no rule, question, code or page names: cd:Idle cd:New cd:Used
concepts that nothing uses: theme:idle"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    head = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    texts = {"ontology/core.ttl": head + TERMS,
             "kg/facts/x.trig": head + "city:g { city:x a cd:Used ; cd:theme theme:narrow }",
             "ontology/rules/x.rq": "CONSTRUCT { ?x cd:told 1 } WHERE { ?x a cd:Usedly }"}  # fmt: skip
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_term_is_idle_if_only_the_ontology_names_it_and_no_term_in_use_needs_it(root: Path) -> None:
    assert table(root) == EXPECTED
