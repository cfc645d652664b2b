import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, NamedNode, Quad

from kg import resources
from kg.building import sources
from kg.errors import CityKgError
from kg.findings import UnreadableError
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, RDF
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

NODES = st.sampled_from([NamedNode(f"http://n/{n}") for n in "abc"])
GRAPHS = st.sampled_from([NamedNode(ns.REPORT + "x"), NamedNode(ns.GRAPH + "register"), graphs.INFERRED, graphs.SHAPES])


@given(st.lists(st.builds(Quad, NODES, NODES, NODES, GRAPHS)))
def test_the_default_graph_is_the_set_union_without_shapes(quads: list[Quad]) -> None:
    union = list(graphs.default_graph_once(quads))
    expected = {quad.triple for quad in quads if quad.graph_name != graphs.SHAPES}
    assert len(union) == len(expected)
    assert {quad.triple for quad in union} == expected
    assert all(quad.graph_name == DefaultGraph() for quad in union)


def test_every_source_file_is_read_once_and_has_a_graph_of_the_contract() -> None:
    quads = sources.load()
    families = {quad.graph_name.value.removeprefix(ns.GRAPH).partition("/")[0] for quad in quads}  # type: ignore[union-attr]
    assert families == {
        "report", "passages", "register", "gazetteer", "interpretation", "ontology", "alignments", "profiles",
        "vocabulary", "shapes", "share-alike"
    }  # fmt: skip
    files = [source.path for source in sources.source_files()]
    assert len(files) == len(set(files))


def test_a_fact_outside_any_graph_and_a_blank_node_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "FACTS", tmp_path)
    path = tmp_path / "loose.trig"
    path.write_text("<http://a> <http://b> <http://c> .", encoding="utf-8")
    with pytest.raises(CityKgError, match=r"outside any graph(.|\n)*report:<passage>"):
        sources.load()
    path.write_text("<http://g> { <http://a> <http://b> [] }", encoding="utf-8")
    with pytest.raises(CityKgError, match="blank node"):
        sources.load()


def test_syntax_errors_of_all_fact_files_are_told_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "FACTS", tmp_path)
    for name in ("one", "two"):
        (tmp_path / f"{name}.trig").write_text("not turtle", encoding="utf-8")
    with pytest.raises(UnreadableError) as caught:
        sources.load()
    assert {Path(finding.file).name for finding in caught.value.findings} == {"one.trig", "two.trig"}


def test_the_fingerprint_changes_with_a_fact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "FACTS", tmp_path)
    before = sources.fingerprint()
    (tmp_path / "new.trig").write_text("", encoding="utf-8")
    assert sources.fingerprint() != before


def test_the_fingerprint_changes_with_what_is_said_of_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    before = sources.fingerprint()
    monkeypatch.setattr(sources, "provenance_of", sources.load)  # of another module
    assert sources.fingerprint() != before


def test_a_build_without_a_profile_lacks_its_graph_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_it = sources.load()
    copy = tmp_path / "ontology"
    shutil.copytree(resources.ONTOLOGY, copy, ignore=shutil.ignore_patterns("profiles", "releases"))
    monkeypatch.setattr(resources, "ONTOLOGY", copy)
    profile = NamedNode(f"{graphs.PROFILES}report")
    assert set(sources.load()) == {quad for quad in with_it if quad.graph_name != profile} < set(with_it)


def test_nothing_needs_what_comes_from_share_alike_sources() -> None:
    """A build without kg/facts/share-alike.trig is complete: nothing else refers to what is named there alone."""
    quads, graph = sources.load(), NamedNode(f"{ns.GRAPH}share-alike")
    apart, others = ([quad for quad in quads if (quad.graph_name == graph) is is_apart] for is_apart in (True, False))
    named = {quad.subject for quad in apart} - {quad.subject for quad in others}
    assert len(named) == 9  # eight accounts, and the graph with its licence
    assert not named & {quad.object for quad in others}
    typed = {quad.subject for quad in others if quad.predicate == RDF.type}
    assert {quad.subject for quad in apart} <= named | typed


def test_works_without_the_report_go_without_its_profile() -> None:
    found = {str(quad.graph_name) for quad in sources.load_without_report(sources.work_folders(["sino-japanese"]))}
    assert f"<{graphs.PROFILES}sino-japanese>" in found
    assert not found & {f"<{graphs.PROFILES}report>", f"<{ns.REPORT}table-1>"}
    assert f"<{graphs.ALIGNMENTS}prov>" in found


def test_a_work_by_itself_has_the_names_and_places_that_it_speaks_of_and_nothing_that_another_states() -> None:
    report, (rusi,) = sources.load(), sources.work_folders(["rusi-2025"])
    found = sources.load_work(rusi, report)
    subjects = {ns.compact(quad.subject.value) for quad in found if isinstance(quad.subject, NamedNode)}
    assert {"city:birmingham", "country:china", "cd:Twinning", "role:participant"} <= subjects
    assert not {"city:moscow", "passage:table-1", "disagreement:rusi-2025-birmingham-changchun"} & subjects
    both = set(sources.load([rusi]))
    assert both.issuperset(found)
    of_rusi = {quad for quad in both if quad.graph_name.value.startswith(f"{ns.REPORT}rusi-2025")}  # type: ignore[union-attr]
    assert of_rusi <= set(found)  # with their positions


@pytest.mark.parametrize("names", [("a/atlas", "b/atlas"), ("report",), ("all",)])
def test_works_whose_scopes_would_have_one_name_are_refused(names: tuple[str, ...], tmp_path: Path) -> None:
    for name in names:
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "work.trig").write_text("")
    with pytest.raises(CityKgError, match="a name of its own"):
        sources.work_folders([str(tmp_path / name) for name in names])


def test_statements_are_counted_in_the_order_of_their_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "FACTS", tmp_path)
    text = """
        report:x { finding:z cd:statedIn passage:x . group:g cd:statedIn passage:x . finding:a cd:says "A" .
          finding:a cd:statedIn passage:x . finding:m cd:statedIn passage:x ; cd:position 9 .
          finding:b cd:statedIn passage:x , "words" }
        report:data { account:one cd:statedIn <http://entry/1> . account:two cd:statedIn <http://entry/2> }
        <http://curated> { account:mine cd:statedIn source:list }"""
    (tmp_path / "facts.trig").write_text(PREFIXES + text, encoding="utf-8")
    found = [quad for quad in sources.load() if quad.predicate == CD.position and quad.subject != CD.position]
    assert {(str(quad.subject)[1:-1].rpartition("/")[2], getattr(quad.object, "value", "")) for quad in found} == {
        *(("z", "1"), ("a", "2"), ("m", "9"), ("b", "4")),
    }
    assert {quad.graph_name for quad in found} == {NamedNode(ns.REPORT + "x")}
