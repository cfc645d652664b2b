import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store, parse

from kg import resources
from kg.building import build_if_needed, contents, pipeline, sources
from kg.cli.output import print_summary
from kg.errors import NotConformingError
from kg.findings import Finding
from kg.queries import check_queries
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.graphs import default_graph_once
from kg.rdf.vocabulary import RDF
from kg.store.data_folder import DataFolder
from tests.support.part import loaded
from tests.support.stores import quads_of
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn


def test_the_real_facts_conform_and_every_family_of_graphs_is_there(built: pipeline.BuildSummary) -> None:
    assert built.report.conforms
    assert set(built.quads_by_family) >= {
        "report", "passages", "register", "gazetteer", "interpretation", "ontology", "alignments", "profiles",
        "vocabulary", "shapes", "inferred"
    }  # fmt: skip


def test_warnings_are_explained(built_by_default: pipeline.BuildSummary) -> None:
    explained = (Path(resources.SHAPES) / "README.md").read_text(encoding="utf-8")
    standing = {str(result.focus) for result in built_by_default.report.results if result.severity == "Warning"}
    told = explained.partition("## Warnings that stand")[2]
    assert standing == set(re.findall("`(city:[a-z-]+)`", told))


def test_a_build_tells_what_each_work_has_and_no_warning_on_our_own_files(
    built_by_default: pipeline.BuildSummary, capsys: pytest.CaptureFixture[str]
) -> None:
    report, rusi = built_by_default.works
    assert (report.label, rusi.label) == ("The report", "RUSI 2025")
    assert (report.passages, rusi.passages) == (104, 128)
    assert min(report.statements, rusi.statements) > 1000
    print_summary(built_by_default)
    printed = capsys.readouterr().out
    assert re.search(rf"│ RUSI 2025 +│ +128 │ +{rusi.statements} │", printed)
    assert "Warning" not in printed


def test_the_default_graph_of_the_store_is_the_set_union(store: Store) -> None:
    named = [quad for quad in quads_of(store) if isinstance(quad.graph_name, NamedNode)]
    default = {quad.triple for quad in store.quads_for_pattern(None, None, None, DefaultGraph())}
    assert default == {quad.triple for quad in graphs.default_graph_once(named)}
    assert len(list(store.quads_for_pattern(None, None, None, DefaultGraph()))) == len(default)


def test_every_step_of_a_build_is_told(small: DataFolder) -> None:
    told: list[int] = []
    pipeline.build(small, lambda step, steps: told.append(steps))
    assert told == [5] * 5


def test_two_builds_have_the_same_hash_and_the_same_store(
    tmp_path: Path, built: pipeline.BuildSummary, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "validate_quads", lambda quads, files: built.report)
    again = pipeline.build(DataFolder(tmp_path))
    assert again.build.content_hash == built.build.content_hash
    assert again.build.quads == built.build.quads
    assert {str(quad) for quad in DataFolder(tmp_path).open()} == {str(quad) for quad in store}


def test_the_hash_of_the_store_is_the_hash_of_what_was_stated(store: Store, built: pipeline.BuildSummary) -> None:
    named = [quad for quad in quads_of(store) if isinstance(quad.graph_name, NamedNode)]
    assert contents.content_hash(named) == built.build.content_hash


@given(st.permutations([Quad(graphs.HISTORY, RDF.type, Literal(n), graphs.SHAPES) for n in range(5)]))
def test_the_hash_does_not_depend_on_order_or_repetition(quads: list[Quad]) -> None:
    assert contents.content_hash(quads) == contents.content_hash([*sorted(quads, key=str), quads[0]])


def test_a_build_is_made_only_when_the_files_have_changed(
    small: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert build_if_needed(DataFolder(tmp_path / "new")) is not None
    assert build_if_needed(small) is None
    monkeypatch.setattr(sources, "fingerprint", lambda works=(): "other")
    assert build_if_needed(small) is not None
    assert build_if_needed(small) is None


def test_facts_that_do_not_conform_leave_the_older_build_and_say_where(
    small: DataFolder, few_files: list[Quad], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = small.current()
    twinning, graph = NamedNode(ns.ID + "twinning/beijing-london"), NamedNode(ns.REPORT + "table-3")
    third_party = Quad(twinning, NamedNode(ns.CD + "twin"), NamedNode(ns.ID + "city/leeds"), graph)
    monkeypatch.setattr(sources, "load_files", lambda works=(): loaded([*few_files, third_party]))
    with pytest.raises(NotConformingError) as caught:
        pipeline.build(small)
    assert "twinning:beijing-london" in caught.value.message
    assert ".trig:" in caught.value.message
    assert small.current() == kept is not None


def test_a_defect_of_a_check_says_where_and_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "register.trig"
    file.write_text(PREFIXES + "graph:register { person:li a cd:Person }", encoding="utf-8")
    store = Store()
    store.bulk_extend(default_graph_once(parse(path=file)))
    found = pipeline.run_check(store, check_queries()["bare-node"])
    lines = pipeline.lines_by_check(pipeline.with_places_of_things(found, [file]))
    assert f"    {file}:{PREFIXES.count(chr(10)) + 1}: thing person:li, lacks source" in lines
    assert "dcterms:source" in lines[-1]


def test_a_trial_writes_nothing(small: DataFolder) -> None:
    before = small.current()
    assert pipeline.check_build(small).conforms
    assert small.current() == before


def test_a_defect_of_a_check_refuses_as_well(built: pipeline.BuildSummary) -> None:
    finding = Finding("checks", "Violation", "Something is wrong.", value="node city:x", component="some-check")
    with pytest.raises(NotConformingError, match="some-check: Something is wrong"):
        pipeline.refuse_violations((), [finding])
