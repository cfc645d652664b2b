import re
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat

from kg import resources
from kg.rdf.parse import read_file
from kg.rdf.positions import Positions, statement_positions

pytestmark = pytest.mark.drawn

FACTS = sorted(resources.FACTS.rglob("*.trig"))


@pytest.mark.parametrize("path", FACTS, ids=lambda path: path.stem)
def test_every_statement_of_the_facts_has_the_place_of_its_object(path: Path) -> None:
    text, quads = path.read_text(encoding="utf-8"), read_file(path)
    lines = text.split("\n")
    for quad, place in zip(quads, statement_positions(text, RdfFormat.TRIG, quads), strict=True):
        assert place is not None
        there = lines[place[0] - 1][place[1] - 1 :]
        if isinstance(quad.object, Literal):
            plain = quad.object.datatype.value.rpartition("#")[2] in ("integer", "decimal", "boolean")
            assert there.startswith(quad.object.value if plain else ('"', "'"))
        else:
            assert isinstance(quad.object, NamedNode)
            name = re.split(r"[/#]", quad.object.value)[-1]
            assert re.match(rf"(<\S*|[\w-]*:){re.escape(name)}(?![\w-])", there.replace("\\", ""))


def test_place_of_object_of_predicate_and_of_subject(tmp_path: Path) -> None:
    path = tmp_path / "facts.trig"
    path.write_text(
        '@prefix a: <http://a/> .\n# a: comment .\na:g {\n  a:s a a:C ;\n    a:p a:o ,\n      "it;\\"s . {" ;\n'
        "    a:q [ a:inner a:x ] , 3.5 .\n}\n",
        encoding="utf-8",
    )
    positions = Positions([path])
    assert positions.find("http://a/s", "http://a/p", "http://a/o") == (str(path), 5)
    assert positions.find("http://a/s", "http://a/p", 'it;"s . {') == (str(path), 6)
    assert positions.find("http://a/s", "http://a/q", "3.5") == (str(path), 7)
    assert positions.find("http://a/s", "http://a/q", "4") == (str(path), 7)
    assert positions.find("http://a/s", "http://a/none") == (str(path), 4)
    assert positions.find("http://a/none") is None
