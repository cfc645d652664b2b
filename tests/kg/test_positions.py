from pathlib import Path

import pytest
from pyoxigraph import Literal

from kg import resources
from kg.positions import Positions, statements
from kg.reading import read_file

FACTS = sorted(resources.FACTS.rglob("*.trig"))


@pytest.mark.parametrize("path", FACTS, ids=lambda path: path.stem)
def test_every_statement_of_the_facts_has_a_place(path: Path) -> None:
    def text(term: object) -> str:
        return str(getattr(term, "value", term))

    def plain(value: str) -> str:
        return value.replace('\\"', '"').replace("\\\\", "\\")

    found = {(s, p, plain(o)) for s, p, o, _ in statements(path.read_text(encoding="utf-8"))}
    stated = {(text(q.subject), text(q.predicate), text(q.object)) for q in read_file(path)}
    numbers = {text(q.object) for q in read_file(path) if isinstance(q.object, Literal)}
    missed = {s for s in stated - found if s[2] not in numbers}
    assert not missed
    assert len(found) >= len(stated) * 0.99


def test_place_of_object_of_predicate_and_of_subject(tmp_path: Path) -> None:
    path = tmp_path / "facts.trig"
    path.write_text(
        '@prefix a: <http://a/> .\n# a: comment .\na:g {\n  a:s a a:C ;\n    a:p a:o ,\n      "it;\\"s . {" ;\n'
        "    a:q [ a:inner a:x ] , 3.5 .\n}\n",
        encoding="utf-8",
    )
    positions = Positions([path])
    assert positions.find("http://a/s", "http://a/p", "http://a/o") == (str(path), 5)
    assert positions.find("http://a/s", "http://a/p", 'it;\\"s . {') == (str(path), 6)
    assert positions.find("http://a/s", "http://a/q", "3.5") == (str(path), 7)
    assert positions.find("http://a/s", "http://a/q", "4") == (str(path), 7)
    assert positions.find("http://a/s", "http://a/none") == (str(path), 4)
    assert positions.find("http://a/none") is None
