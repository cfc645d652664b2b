"""Works beside the report: their folders, what they may state, and builds that name them."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import Quad

from kg import resources
from kg.building import build_if_needed, pipeline, sources, verify
from kg.building.policy import policy_violations
from kg.cli import build_with_progress
from kg.cli.main import cli
from kg.errors import CityKgError, NotConformingError
from kg.findings import Finding
from kg.rdf import graphs, scopes
from kg.rdf import namespaces as ns
from kg.rdf.parse import read_file
from kg.rdf.scopes import DEFAULT_WORKS
from kg.store import Build, DataFolder
from tests.support import made
from tests.support.part import loaded
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

PASSAGE = """
graph:passages { <{id}passage/atlas/leeds> a cd:Passage ; skos:prefLabel "Leeds in the atlas"@en . }
<{graph}report/atlas/leeds> { city:leeds a cd:City . }
"""


def written(folder: Path, text: str = PASSAGE, file: str = "facts.trig") -> Path:
    """Make a folder of a work; in its text stand {id} and {graph}."""
    folder.mkdir(exist_ok=True)
    whole = PREFIXES + text.replace("{id}", ns.ID).replace("{graph}", ns.GRAPH)
    content = whole.encode()
    (folder / file).write_bytes(gzip.compress(content) if file.endswith(".gz") else content)
    return folder


def violations(folder: Path, files: list[Quad]) -> list[Finding]:
    """Return what the policy says of a work beside files that have been loaded."""
    stated = {quad: path for path in sorted(folder.glob("*.trig")) for quad in read_file(path)}
    return policy_violations(sources.LoadedFiles(files, stated, [*set(stated.values())]))


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Facts of a report of one passage, in the place of ours."""
    facts = tmp_path / "facts"
    monkeypatch.setattr(resources, "FACTS", facts)
    return written(facts, 'graph:passages { passage:abstract a cd:Passage ; skos:prefLabel "Abstract"@en . }')


def test_a_work_that_comes_with_the_project_is_read_only_where_it_is_named(report: Path) -> None:
    atlas = written(report / "atlas", file="work.trig")
    written(report / "curated", "")  # no work.trig: a part of the report's own files
    assert sources.shipped_works() == {"atlas": atlas}
    plain, with_atlas = set(sources.load()), set(sources.load(sources.work_folders(["atlas"])))
    assert {quad.graph_name.value for quad in with_atlas - plain} == {  # type: ignore[union-attr]
        graphs.PASSAGES.value,
        ns.REPORT + "atlas/leeds",
    }
    assert plain < with_atlas
    assert sources.fingerprint() != sources.fingerprint([atlas])


def test_compressed_files_of_a_work_are_read(report: Path, tmp_path: Path) -> None:
    plain = sources.load([written(tmp_path / "plain")])
    assert set(sources.load([written(tmp_path / "packed", file="facts.trig.gz")])) == set(plain)


def test_a_compressed_file_that_is_cut_short_is_told(report: Path, tmp_path: Path) -> None:
    work = written(tmp_path / "atlas", file="facts.trig.gz")
    path = work / "facts.trig.gz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(CityKgError, match=r"facts\.trig\.gz cannot be read"):
        sources.load([work])


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (lambda path: "moon", r"No work named 'moon'(.|\n)*atlas(.|\n)*--facts DIR"),
        (lambda path: str(path / "moon"), r"not there: .*moon(.|\n)*citykg build"),
        (str, r"holds no facts(.|\n)*\*\.trig"),
    ],
)
def test_a_work_that_is_not_there_is_refused_with_a_way_out(
    report: Path, tmp_path: Path, given: Callable[[Path], str], told: str
) -> None:
    written(report / "atlas", file="work.trig")
    (tmp_path / "empty").mkdir()
    with pytest.raises(CityKgError, match=told):
        sources.work_folders([given(tmp_path / "empty")])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<http://a> <http://b> <http://c> .", r"outside any graph(.|\n)*graph of the passage"),
        ("graph:passages { passage:abstract a cd:Passage . }", r"passage/abstract, which does not name its work"),
        ("graph:register { city:leeds a cd:City . }", r"has passages of no work(.|\n)*one work"),
        (PASSAGE + "graph:passages { <{id}passage/map/1> a cd:Passage . }", "passages of atlas and map"),
        (PASSAGE.replace("atlas", "abstract"), r"called 'abstract', and so is a passage of the report"),
        (PASSAGE + "report:abstract { city:leeds a cd:City . }", r"report:abstract, which is not of its(.|\n)*<slug>"),
        (PASSAGE + "<{graph}report/other/1> { city:leeds a cd:City . }", "graph/report/other/1|report:other/1"),
        (PASSAGE + "graph:shapes { city:leeds a cd:City . }", "graph:shapes, which is not of its work"),
        (PASSAGE + "graph:history { city:leeds a cd:City . }", "graph:history, which is not of its work"),
    ],
)
def test_a_work_that_speaks_in_the_place_of_another_is_refused(
    report: Path, tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(CityKgError, match=told):
        sources.load([written(tmp_path / "atlas", text)])


def test_two_works_of_one_name_are_refused(report: Path, tmp_path: Path) -> None:
    with pytest.raises(CityKgError, match=r"called 'atlas', and so is the work in .*one"):
        sources.load([written(tmp_path / "one"), written(tmp_path / "two")])


def test_a_data_set_has_one_graph_for_all_passages(report: Path, tmp_path: Path) -> None:
    work = written(tmp_path / "atlas", PASSAGE.replace("report/atlas/leeds", "report/atlas"))
    assert ns.REPORT + "atlas" in {quad.graph_name.value for quad in sources.load([work])}  # type: ignore[union-attr]


def test_a_build_keeps_the_works_that_it_names(
    small: DataFolder, few_files: list[Quad], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "load_files", lambda works=(): loaded([*few_files, *few_files[: len(works)]], works))
    atlas = str(written(tmp_path / "atlas"))
    made = pipeline.build(small, works=[atlas]).build
    assert made.works == (atlas,)
    assert small.current() == made
    assert all(check.passed for check in verify(small))
    assert build_if_needed(small) is None  # without naming it: the works stay
    assert build_if_needed(small, works=[atlas]) is None
    assert pipeline.build(small).build.works == ()  # a build has what it names and nothing else


def test_a_work_that_has_gone_is_told_and_the_build_stays(
    small: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    atlas = written(tmp_path / "atlas")
    made = pipeline.build(small, works=[str(atlas)]).build
    (atlas / "facts.trig").unlink()
    assert [check.hint for check in verify(small) if check.name == "files"] != [""]
    atlas.rmdir()
    assert ("files", False) in {(check.name, check.passed) for check in verify(small)}
    with pytest.raises(CityKgError, match=r"not there: .*atlas(.|\n)*citykg build"):
        build_if_needed(small)
    assert small.current() == made


def test_what_an_older_version_wrote_has_no_works(small: DataFolder) -> None:
    stated = {name: value for name, value in vars(small.require_build()).items() if name != "works"}
    assert Build.from_json(stated).works == ()


def test_the_command_line_builds_what_it_names(
    small: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path / "atlas")
    monkeypatch.chdir(tmp_path)
    arguments = ["build", "--data", str(small.path), "--facts", "atlas", "--facts", "./atlas"]
    done = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert f"Works beside the report: {tmp_path / 'atlas'}." in done.output
    assert small.require_build().works == (str(tmp_path / "atlas"),)
    unknown = CliRunner().invoke(cli, ["build", "--data", str(small.path), "--with", "moon"])
    assert unknown.exit_code == 1
    assert "No work named 'moon'" in unknown.output + unknown.stderr


def test_the_command_line_has_the_default_works_beside_those_that_are_named(
    small: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    atlas, chart = (str(written(tmp_path / name)) for name in ("atlas", "chart"))
    monkeypatch.setattr(scopes, "DEFAULT_WORKS", (atlas,))
    build_with_progress(small, None)  # the graph is from a time when it was no default
    assert small.require_build().works == (atlas,)
    build_with_progress(small, [chart])
    assert small.require_build().works == (atlas, chart)
    pipeline.build(small, works=[chart])
    build_with_progress(small, None)  # what was named then stays
    made = small.require_build()
    assert made.works == (atlas, chart)
    build_with_progress(small, None)
    assert small.require_build() == made
    CliRunner().invoke(cli, ["build", "--data", str(small.path)], catch_exceptions=False)
    assert small.require_build().works == (atlas,)
    assert "The facts conform." in CliRunner().invoke(cli, ["build", "--check", "--data", str(small.path)]).output


def test_the_default_works_come_with_the_project_and_say_what_the_report_does_not(both_reports: DataFolder) -> None:
    build = both_reports.require_build()
    assert build.works == DEFAULT_WORKS
    assert set(DEFAULT_WORKS) <= set(sources.shipped_works())
    since = both_reports.open().query(
        f"""SELECT ?begin {{ GRAPH <{ns.REPORT}rusi-2025/section-3.1-p2> {{
            ?account <{ns.CD}accountOf> <{ns.ID}twinning/birmingham-changchun> ; <{ns.CD}begin> ?begin }} }}"""
    )
    assert [row["begin"].value for row in since] == ["1983"]  # type: ignore[union-attr]


PROFILE = """
<{graph}profiles/atlas> {
  <https://w3id.org/city-diplomacy/ontology/profiles/atlas> a owl:Ontology ; dcterms:title "Profile of the atlas"@en .
  cd:Twinning skos:scopeNote "Map 3 draws them as lines."@en . unit:one skos:scopeNote "Of cities, on map 1."@en .
}
"""
NOT_IN_A_PROFILE = {
    "cd:Twinning skos:definition 'A line on a map.'@en .": "cd:Twinning",
    "cd:Town skos:scopeNote 'A dot on a map.'@en .": "cd:Town",
    "city:leeds skos:scopeNote 'On map 2.'@en .": "city:leeds",
    "<https://w3id.org/city-diplomacy/ontology/profiles/report> dcterms:title 'Mine'@en .": "ontology/profiles/report",
}


def test_a_work_has_a_profile_in_a_graph_of_its_own(files: list[Quad], tmp_path: Path) -> None:
    folder = written(tmp_path / "atlas", PASSAGE + PROFILE)
    assert violations(folder, files) == []
    assert any(str(quad.graph_name) == f"<{graphs.PROFILES}atlas>" for quad in sources.load([folder]))


@pytest.mark.parametrize("text", NOT_IN_A_PROFILE)
def test_a_profile_says_nothing_but_notes(text: str, files: list[Quad], tmp_path: Path) -> None:
    folder = written(tmp_path / "atlas", PASSAGE + PROFILE + f"<{{graph}}profiles/atlas> {{ {text} }}")
    (found,) = violations(folder, files)
    assert found.focus.endswith(NOT_IN_A_PROFILE[text])
    assert "A profile says what it is itself, and notes" in found.message


def test_the_profile_of_another_work_is_refused(report: Path, tmp_path: Path) -> None:
    folder = written(tmp_path / "atlas", PASSAGE + PROFILE.replace("profiles/atlas>", "profiles/report>"))
    with pytest.raises(CityKgError, match="which is not of its work"):
        sources.load([folder])


EURO = """
graph:register {
  unit:euro a skos:Concept ; skos:prefLabel "euro"@en , "欧元"@zh-Hans ; dcterms:source publication:atlas ;
    skos:inScheme <https://w3id.org/city-diplomacy/vocabulary/unit> ;
    skos:topConceptOf <https://w3id.org/city-diplomacy/vocabulary/unit> ;
    skos:definition "The money of the euro area."@en , "欧元区的货币。"@zh-Hans .
}
"""
IN_SCHEME = "skos:inScheme <https://w3id.org/city-diplomacy/vocabulary/"
FORBIDDEN = {
    "graph:register { cd:Mission rdfs:subClassOf cd:Event . }": "Terms, vocabularies, shapes, queries and graphs",
    "graph:register { cd:twin skos:prefLabel 'zwilling'@de . }": "Terms, vocabularies, shapes, queries and graphs",
    f"graph:register {{ hedge:hardly a skos:Concept ; {IN_SCHEME}hedge> . }}": "The vocabulary hedge is closed",
    "graph:register { unit:percent skos:prefLabel 'per cent'@en . }": "unit:percent belongs to the files",
    f"graph:register {{ role:observer a skos:Concept ; skos:broader role:member ; {IN_SCHEME}membership-role> . }}": (
        "which roles are narrower"
    ),
    "graph:register { city:leeds a cd:Finding . }": "city:leeds cannot be",
    "graph:register { group:uk-cities cd:subgroupOf group:uk-cities . }": "leads from group:uk-cities back",
    "graph:register { city:leeds owl:deprecated true . }": "can only be withdrawn there",
    "graph:register { city:leeds dcterms:isReplacedBy city:york . }": "can only be withdrawn there",
    "graph:register { city:leeds cd:paraphrase 'x'@en . }": "cd:paraphrase is a property of cd:Passage only",
    "<{graph}report/atlas/leeds> { city:leeds cd:twinnedWith city:york . }": "is inferred by a rule",
    EURO.replace("graph:register", "<{graph}report/atlas/leeds>"): "belong in graph:register",
}
"""What a work may not state, each with what the gate says of it."""


@pytest.fixture(scope="module")
def files() -> list[Quad]:
    return sources.load()


@pytest.mark.parametrize("text", FORBIDDEN, ids=range(len(FORBIDDEN)))
def test_a_work_may_state_no_more_than_a_curator(text: str, files: list[Quad], tmp_path: Path) -> None:
    folder = written(tmp_path / "atlas", PASSAGE + text)
    found = violations(folder, files)
    assert FORBIDDEN[text] in found[0].message
    assert {(finding.file, finding.line is None) for finding in found} == {(str(folder / "facts.trig"), False)}


def test_a_concept_that_a_work_brings_stands_in_the_register(files: list[Quad], tmp_path: Path) -> None:
    assert violations(written(tmp_path / "atlas", PASSAGE + EURO), files) == []


def test_a_work_that_comes_with_the_project_states_what_works_may(files: list[Quad]) -> None:
    assert violations(*sources.work_folders(["sino-japanese"]), files) == []


def test_what_a_work_may_not_state_is_refused_before_anything_is_built(small: DataFolder, tmp_path: Path) -> None:
    before = small.require_build()
    folder = written(tmp_path / "atlas", PASSAGE + next(iter(FORBIDDEN)), "facts.trig.gz")
    with pytest.raises(NotConformingError) as caught:
        pipeline.build(small, works=[str(folder)])
    assert "cd:Mission" in caught.value.message
    assert small.require_build() == before


def test_what_tests_keep_of_a_build_is_made_anew_when_a_work_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, made_for = tmp_path / "cache", []
    cache.mkdir()
    monkeypatch.setattr(made, "shipped_works", lambda: {"atlas": tmp_path / "atlas"})

    def make(_: Path) -> None:
        made_for.append(text)

    for number, text in enumerate(("# one", "# one", "# two")):
        written(tmp_path / "atlas", text)
        made.Made(tmp_path / f"run-{number}", cache).once("both", make)
    assert made_for == ["# one", "# two"]
