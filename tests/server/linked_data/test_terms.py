"""The terms over HTTP: the ontology, the vocabularies, the shapes, as pages and as RDF. Asked as curl asks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    Triple,
    parse,
)

from kg import resources
from kg.publish.terms import Terms
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.formats import GRAPH_FORMATS
from kg.rdf.ontology import under_one_header
from kg.rdf.parse import read_file
from kg.rdf.vocabulary import CD, DCTERMS, OWL, RDF, SKOS
from tests.support.http import Ask
from tests.support.tiers import by_tier, fresh_random

pytestmark = pytest.mark.drawn

DOCUMENTS = ("/ontology", "/ontology/core", "/shapes", "/vocabulary/tie-status", "/vocabulary/tie-status/current")
DEFINITION = NamedNode(ns.PREFIXES["skos"] + "definition")
LABEL = NamedNode(ns.PREFIXES["rdfs"] + "label")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


class Page(HTMLParser):
    """The anchors and links of a page, and its text; a tag that is not closed is a mistake."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: set[str] = set()
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id") and tag != "main":
            assert given["id"] not in self.anchors, "two terms under one anchor"
            self.anchors.add(given["id"] or "")
        if tag == "a":
            self.links.add(given["href"] or "")

    def handle_data(self, data: str) -> None:
        self.text += data


def page(ask: Ask, path: str) -> Page:
    answer = ask("-H", f"Accept: {BROWSER}", path)
    assert (answer.status, answer.type) == (200, "text/html")
    return Page(answer.body.decode())


def canonical(quads: Any) -> str:
    """Triples with blank nodes under canonical names, one a line."""
    dataset = Dataset(Quad(q.subject, q.predicate, q.object) for q in quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return "\n".join(sorted(map(str, dataset)))


def own_terms(store: Store, namespace: str, graph: NamedNode) -> set[str]:
    stated = [*store.quads_for_pattern(None, RDF.type, None, graph), *store.quads_for_pattern(None, LABEL, None, graph)]
    subjects = {quad.subject.value for quad in stated if isinstance(quad.subject, NamedNode)}
    return {iri.removeprefix(namespace) for iri in subjects if iri.startswith(namespace)}


@pytest.fixture(scope="module")
def stated(store: Store) -> Callable[[str], str]:
    """The canonical triples of a graph as the store has it, computed once for all formats."""

    @cache
    def of(graph: str) -> str:
        triples = [quad.triple for quad in store.quads_for_pattern(None, None, None, NamedNode(ns.GRAPH + graph))]
        return canonical(under_one_header(triples) if graph == "ontology" else triples)

    return of


@pytest.mark.parametrize("fmt", GRAPH_FORMATS, ids=lambda fmt: fmt.name)
@pytest.mark.parametrize(
    ("path", "graph"),
    [
        ("/ontology", "ontology"),
        ("/ontology/alignments/prov", "alignments/prov"),
        ("/ontology/profiles/report", "profiles/report"),
        ("/shapes", "shapes"),
        ("/vocabulary/tie-status", "vocabulary/tie-status"),
    ],
)
def test_each_format_holds_the_whole_graph(
    ask: Ask, stated: Callable[[str], str], path: str, graph: str, fmt: Any
) -> None:
    negotiated = ask("-H", f"Accept: {fmt.media_type}", path)
    by_suffix = ask("-H", "Accept: image/png", f"{path}.{fmt.suffix}")
    assert negotiated.type == by_suffix.type == fmt.media_type
    assert negotiated.body == by_suffix.body
    assert negotiated.headers["content-location"] == f"{path}.{fmt.suffix}"
    assert "Accept" in negotiated.headers["vary"]
    assert canonical(parse(negotiated.body, fmt.engine)) == stated(graph)


@pytest.mark.parametrize("path", DOCUMENTS)
def test_documents_about_terms_are_conditional_and_signposted(ask: Ask, path: str) -> None:
    answer = ask(f"{path}.html")
    kept = ask("-H", f"If-None-Match: {answer.headers['etag']}", f"{path}.html")
    assert (kept.status, kept.headers["link"]) == (304, answer.headers["link"])
    head = ask("-I", f"{path}.html")
    assert int(head.headers["content-length"]) == len(answer.body)
    assert list(answer.links("cite-as")) == [ns.BASE + path[1:]]
    assert set(answer.links("describedby")) == {f"{path}.{fmt.suffix}" for fmt in GRAPH_FORMATS}
    assert list(answer.links("license")) == ["https://creativecommons.org/licenses/by/4.0/"]
    assert answer.body.decode().count('<link rel="alternate"') == len(GRAPH_FORMATS)


def test_documents_about_terms_say_what_they_are(ask: Ask) -> None:
    kinds = [list(ask(path).links("type")) for path in DOCUMENTS]
    owl, skos = ns.PREFIXES["owl"], ns.PREFIXES["skos"]
    assert kinds == [[owl + "Ontology"]] * 3 + [[skos + "ConceptScheme"], [skos + "Concept"]]


def test_the_iri_of_each_term_leads_to_its_place_on_the_page(ask: Ask, store: Store) -> None:
    """B + ontology#Twinning is asked for as /ontology; the browser then goes to the anchor."""
    assert own_terms(store, ns.CD, graphs.ONTOLOGY) == page(ask, "/ontology").anchors
    assert own_terms(store, ns.SHAPES, graphs.SHAPES) == page(ask, "/shapes").anchors
    assert {"Twinning", "twin", "statedIn"} <= page(ask, "/ontology").anchors


def test_the_page_tells_all_that_the_ontology_says_of_a_term(ask: Ask, store: Store) -> None:
    text = page(ask, "/ontology").text
    for graph_property in (DEFINITION, LABEL):
        for quad in store.quads_for_pattern(None, graph_property, None, graphs.ONTOLOGY):
            if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(ns.CD):
                assert quad.object.value in text
    scope_note = NamedNode(ns.PREFIXES["skos"] + "scopeNote")
    for quad in list(store.quads_for_pattern(None, scope_note, None, graphs.ONTOLOGY))[::20]:
        path = "/ontology/terms/" + quad.subject.value.removeprefix(ns.CD)  # type: ignore[union-attr]
        assert quad.object.value in page(ask, path).text
    text = page(ask, "/ontology/terms/Twinning").text
    for words in ("[ on twin; exactly 2; of class polity ]", "友好城市关系"):
        assert words in text
    text += page(ask, "/ontology/terms/accountOf").text
    assert not re.search(r"_:|c14n\d", text), "an unnamed node is written out"


@pytest.mark.scaled
def test_every_link_of_the_pages_about_terms_leads_somewhere(ask: Ask, store: Store) -> None:
    schemes = [f"/vocabulary/{name}" for name in Terms(store).schemes()]
    pages = {path: page(ask, path) for path in ("/ontology", "/shapes", *schemes)}
    concepts = {link for name in schemes for link in pages[name].links if link.startswith(name + "/")}
    assert set(schemes) <= page(ask, "/vocabulary").links
    assert len(concepts) > 100
    elsewhere: set[str] = set()
    for path, shown in pages.items():
        for link in shown.links:
            target, _, anchor = link.partition("#")
            if target.startswith(("http:", "https:")):
                continue
            if anchor and (target or path) in pages:
                assert anchor in {*pages[target or path].anchors, "content"}, link
            elif "." not in target:
                elsewhere.add(target)
    for target in fresh_random("links of terms").sample(
        sorted(elsewhere), min(len(elsewhere), by_tier(40, 80, 10_000))
    ):
        assert ask("-L", target).status == 200, target


def test_each_concept_is_described_with_its_place_in_the_vocabulary(ask: Ask, store: Store) -> None:
    broader = [q for q in store.quads_for_pattern(None, SKOS.broader, None, None) if ns.VOCABULARY in str(q.subject)]
    narrow, broad = broader[0].subject.value, broader[0].object.value
    for iri in (narrow, broad):
        answer = ask("/" + iri.removeprefix(ns.BASE) + ".ttl")
        triples = {(t.subject.value, t.predicate.value, t.object.value) for t in parse(answer.body, RdfFormat.TURTLE)}
        assert (narrow, SKOS.broader.value, broad) in triples
        named = {subject for subject, predicate, _ in triples if predicate == ns.PREFIXES["skos"] + "prefLabel"}
        assert {narrow, broad} <= named
    assert "narrower" in page(ask, "/" + broad.removeprefix(ns.BASE)).text


def test_a_concept_says_how_many_things_have_it_and_leads_to_some(ask: Ask, store: Store) -> None:
    vocabularies = {
        name: page(ask, f"/vocabulary/{name}").text for name in ("tie-status", "theme", "disagreement-kind")
    }
    for name in ("tie-status/current", "theme/climate", "theme/transport", "disagreement-kind/in-tension"):
        stated = store.quads_for_pattern(None, None, NamedNode(ns.VOCABULARY + name), DefaultGraph())
        of_things = (q for q in stated if q.predicate.value.startswith(ns.CD) and q.subject.value.startswith(ns.ID))
        uses = {(q.predicate, q.subject.value) for q in of_things}
        things = {thing.replace(ns.ID, "/doc/") for _, thing in uses}
        shown = page(ask, f"/vocabulary/{name}")
        assert f"Used {len(uses)} time{'' if len(uses) == 1 else 's'}, " in shown.text
        assert shown.links & things
        assert f"/vocabulary/{name.partition('/')[0]}" in shown.links
        assert f"{ns.compact(ns.VOCABULARY + name)} {len(things)}×" in vocabularies[name.partition("/")[0]]
        queries = (link for link in shown.links if link.startswith("/sparql?query=SELECT"))
        further = [link for link in queries if "GRAPH" not in link]  # which that of the whole page has
        assert bool(further) == (len(uses) > 5)
        for link in further:
            assert ask("-H", "Accept: text/csv", link).body.count(b"\r\n") > 5
    assert "Not used at present." in page(ask, "/vocabulary/theme/energy").text


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/vocabulary/tie-statsu", "Did you mean 'tie-status'"),
        ("/vocabulary/tie-status/curent", "Did you mean 'current'"),
        ("/vocabulary/tie-status/curent.ttl", "Did you mean 'current'"),
        ("/vocabulary/tie-statsu/current", "Did you mean 'tie-status'"),
        ("/ontology.tll", "Did you mean 'ttl'"),
        ("/shapes.xml", "format of /shapes"),
        ("/vocabulary/%0d%0a", "vocabulary"),
        ("/vocabulary/tie-status/%3E", "concept"),
    ],
)
def test_an_unknown_term_says_what_is_near(ask: Ask, path: str, near: str) -> None:
    answer = ask(path)
    assert (answer.status, answer.type) == (404, "application/problem+json")
    assert near in json.loads(answer.body)["detail"]


def test_nothing_acceptable_is_a_406(ask: Ask) -> None:
    for path in DOCUMENTS:
        answer = ask("-H", "Accept: image/png", path)
        assert (answer.status, answer.headers["vary"]) == (406, "Accept")


def test_the_shapes_parse_as_they_were_written(ask: Ask, store: Store) -> None:
    """Blank nodes of lists keep together: the triples of the Turtle, canonically named, are those of the store."""
    written = list(parse(ask("/shapes.ttl").body, RdfFormat.TURTLE))
    assert any(isinstance(quad.subject, BlankNode) for quad in written)
    assert len(written) == len(list(store.quads_for_pattern(None, None, None, graphs.SHAPES)))


def test_the_version_iri_leads_to_that_version(ask: Ask, store: Store) -> None:
    version_iri = NamedNode(ns.PREFIXES["owl"] + "versionIRI")
    (quad,) = store.quads_for_pattern(Terms.ONTOLOGY, version_iri, None, graphs.ONTOLOGY)
    path = "/" + quad.object.value.removeprefix(ns.BASE)  # type: ignore[union-attr]
    for fmt in GRAPH_FORMATS:
        answer = ask("-H", f"Accept: {fmt.media_type}", path)
        assert answer.body == ask(f"{path}.{fmt.suffix}").body == ask(f"/ontology.{fmt.suffix}").body
    assert list(answer.links("cite-as")) == [quad.object.value]  # type: ignore[union-attr]
    assert list(answer.links("latest-version")) == ["/ontology"]
    assert path in page(ask, "/ontology").links
    assert page(ask, path).anchors == page(ask, "/ontology").anchors


@pytest.mark.parametrize("version", ["0.0.9", "0.1", "0.1.9.ttl", "none"])
def test_another_version_is_a_404_that_names_those_there_are(ask: Ask, version: str) -> None:
    answer = ask(f"/ontology/{version}")
    assert answer.status == 404
    assert "0.1.0" in answer.members["hint"] + answer.members["detail"]


@pytest.mark.parametrize("version", ["0.1.0", "0.2.0", "1.0.0-rc1", "1.0.0-rc2", "1.0.0"])
def test_a_released_version_stays(ask: Ask, version: str) -> None:
    released = canonical(read_file(resources.ONTOLOGY / "releases" / f"{version}.ttl"))
    for fmt in GRAPH_FORMATS:
        answer = ask("-H", f"Accept: {fmt.media_type}", f"/ontology/{version}")
        assert answer.body == ask(f"/ontology/{version}.{fmt.suffix}").body != ask(f"/ontology.{fmt.suffix}").body
        assert canonical(parse(answer.body, fmt.engine)) == released
        assert list(answer.links("latest-version")) == ["/ontology"]
    assert "Twinning" in page(ask, f"/ontology/{version}").anchors


def test_the_head_is_the_next_version_and_leads_to_the_last_one(ask: Ask) -> None:
    assert ask("/ontology/next.nt").body == ask("/ontology.nt").body
    assert f"<{ns.BASE}ontology/next>".encode() in ask("/ontology.nt").body
    assert "/ontology/1.0.0" in page(ask, "/ontology").links
    assert "/ontology/1.0.0-rc2" in page(ask, "/ontology/1.0.0").links
    assert "/ontology/1.0.0-rc1" in page(ask, "/ontology/1.0.0-rc2").links
    assert "/ontology/0.2.0" in page(ask, "/ontology/1.0.0-rc1").links
    assert "/ontology/0.1.0" in page(ask, "/ontology/0.2.0").links
    assert b"ontology/next" not in ask("/ontology/1.0.0.nt").body


def test_the_ontology_is_its_modules_and_each_alignment_stands_by_itself(ask: Ask) -> None:
    names = sorted(path.stem for path in (resources.ONTOLOGY / "alignments").glob("*.ttl"))
    core = set(under_one_header(quad.triple for path in resources.ONTOLOGY.glob("*.ttl") for quad in read_file(path)))
    served = [quad.triple for quad in parse(ask("/ontology.nt").body, RdfFormat.N_TRIPLES)]
    assert len(served) == len(core)
    assert {t for t in core if not any(isinstance(x, BlankNode) for x in (t.subject, t.object))} <= set(served)
    listed = [quad.triple for quad in parse(ask("/ontology/alignments.ttl").body, RdfFormat.TURTLE)]
    iris = {f"{ns.BASE}ontology/alignments/{name}" for name in names}
    assert {triple.subject.value for triple in listed} == iris  # type: ignore[union-attr]
    assert {f"/ontology/alignments/{name}" for name in names} <= page(ask, "/ontology/alignments").links
    assert "/ontology/alignments" in page(ask, "/ontology").links
    for name in names:
        iri, stated = NamedNode(f"{ns.BASE}ontology/alignments/{name}"), ask(f"/ontology/alignments/{name}.ttl").body
        header = [quad.triple for quad in parse(stated, RdfFormat.TURTLE) if quad.subject == iri]
        assert {t.predicate for t in header} == {RDF.type, OWL.imports, DCTERMS.title, DCTERMS.license}
        assert Triple(iri, OWL.imports, Terms.ONTOLOGY) in header
        assert {t.object.language for t in header if t.predicate == DCTERMS.title} == {"en", "zh-hans"}  # type: ignore[union-attr]
        assert set(header) <= set(listed)
    assert "/ontology#City" in page(ask, "/ontology/alignments/schema").links
    assert "Did you mean 'schema'" in ask("/ontology/alignments/shema").members["detail"]


@pytest.mark.parametrize("fmt", GRAPH_FORMATS, ids=lambda fmt: fmt.name)
@pytest.mark.parametrize("name", ["core", "practice", "discourse", "editor", "analytics", "replaced"])
def test_a_module_is_a_document_of_its_own(ask: Ask, name: str, fmt: Any) -> None:
    answer = ask("-H", f"Accept: {fmt.media_type}", f"/ontology/{name}")
    assert answer.body == ask(f"/ontology/{name}.{fmt.suffix}").body
    assert canonical(parse(answer.body, fmt.engine)) == canonical(read_file(resources.ONTOLOGY / f"{name}.ttl"))
    assert list(answer.links("cite-as")) == [f"{ns.BASE}ontology/{name}"]
    assert list(answer.links("latest-version")) == []
    shown = page(ask, f"/ontology/{name}")
    assert shown.anchors < page(ask, "/ontology").anchors
    assert all(f"/ontology/terms/{anchor}" in shown.links for anchor in shown.anchors)
    assert f"/ontology/{name}" in page(ask, "/ontology").links


def test_a_term_names_its_module(ask: Ask) -> None:
    for term, module in {"City": "core", "Mediation": "practice", "earliest": "replaced"}.items():
        said = parse(ask(f"/ontology/terms/{term}.nt").body, RdfFormat.N_TRIPLES)
        assert Triple(
            *(NamedNode(f"{ns.BASE}ontology/terms/{term}"), DCTERMS.isPartOf, NamedNode(f"{ns.BASE}ontology/{module}"))
        ) in [quad.triple for quad in said]
        assert f"/ontology/{module}" in page(ask, f"/ontology/terms/{term}").links
    assert DCTERMS.isPartOf.value.encode() not in ask("/shapes/Twinning.nt").body


def test_the_profile_of_a_work_stands_by_itself_and_is_shown_with_its_terms(ask: Ask) -> None:
    iri = NamedNode(f"{ns.BASE}ontology/profiles/report")
    listed = [quad.triple for quad in parse(ask("/ontology/profiles.ttl").body, RdfFormat.TURTLE)]
    assert {triple.subject for triple in listed} == {iri}
    assert "/ontology/profiles/report" in page(ask, "/ontology/profiles").links
    assert "/ontology/profiles" in page(ask, "/ontology").links
    stated = [quad.triple for quad in parse(ask("/ontology/profiles/report.ttl").body, RdfFormat.TURTLE)]
    (note,) = (t.object.value for t in stated if t.subject == CD.Twinning and t.predicate == SKOS.scopeNote)
    assert note in page(ask, "/ontology/profiles/report").text
    assert note in page(ask, "/ontology/terms/Twinning").text
    assert "Did you mean 'report'" in ask("/ontology/profiles/reprot").members["detail"]


def test_ontology_editors_are_led_to_rdf_xml(ask: Ask) -> None:
    answer = ask("/ontology.owl")
    assert (answer.status, answer.headers["location"]) == (301, "/ontology.rdf")


def test_the_page_of_a_replaced_term_leads_to_what_has_replaced_it(ask: Ask) -> None:
    page = ask("/ontology/terms/earliest.html").body.decode()
    assert re.search(r"replaced by.*?beginEarliest.*?what to do.*?State cd:beginEarliest", page, re.S)
    assert "also called" in ask("/ontology/terms/Twinning.html").body.decode()


def test_a_term_still_leads_to_the_terms_of_others(ask: Ask) -> None:
    assert "https://schema.org/City" in page(ask, "/ontology/terms/City").links
    assert ns.PREFIXES["prov"] + "Agent" in page(ask, "/ontology/terms/Actor").links


@pytest.mark.parametrize(("path", "about"), [("/ontology/terms/twin", ns.CD), ("/shapes/Twinning", ns.SHAPES)])
def test_the_document_about_a_term_describes_itself(ask: Ask, path: str, about: str) -> None:
    said = {quad.predicate: quad.object for quad in parse(ask(f"{path}.nt").body, RdfFormat.N_TRIPLES)
            if quad.subject == NamedNode(ns.BASE + path[1:])}  # fmt: skip
    assert said[NamedNode(ns.PREFIXES["foaf"] + "primaryTopic")] == NamedNode(about + path.rpartition("/")[2])
    assert said[DCTERMS.license] == NamedNode("https://creativecommons.org/licenses/by/4.0/")
    assert said[NamedNode("http://rdfs.org/ns/void#inDataset")] == NamedNode(f"{ns.BASE}dataset")


def test_the_version_iri_of_the_shapes_leads_to_them(ask: Ask) -> None:
    (version,) = (q.object for q in parse(ask("/shapes.nt").body, RdfFormat.N_TRIPLES) if q.predicate == OWL.versionIRI)
    path = "/" + version.value.removeprefix(ns.BASE)  # type: ignore[union-attr]
    assert ask(f"{path}.ttl").body == ask("/shapes.ttl").body
    assert list(ask(path).links("latest-version")) == ["/shapes"]


def test_the_page_lists_its_terms_and_says_in_which_language_a_text_is(ask: Ask) -> None:
    body = ask("/ontology.html").body.decode()
    contents, _, rest = body.partition('<nav class="contents"')[2].partition("</nav>")
    listed = re.findall(r'href="#([^"]+)"', contents)
    assert sorted(listed) == sorted(page(ask, "/ontology").anchors)
    term = rest.partition('id="Twinning"')[2].partition("</section>")[0]
    assert '<span lang="zh-hans">友好城市关系</span> <small class="lang">中文</small>' in term
    assert '<small class="lang">en</small>' not in term
    assert '<p><span lang="en">A formal tie between exactly two polities' in term, "the definition comes first"
    assert "cd:Twinning" in term


def test_a_term_has_a_page_with_examples_shapes_and_questions(ask: Ask) -> None:
    assert "/ontology/terms/Twinning" in page(ask, "/ontology").links
    found = page(ask, "/ontology/terms/Twinning")
    assert {"/shapes#Twinning", "/ontology#Relation", "/queries/twinnings"} <= found.links
    assert any(link.startswith("/doc/twinning/") for link in found.links)
    assert "/ontology#twin" in found.links
    assert "/shapes/Twinning" in page(ask, "/shapes").links
    assert page(ask, "/shapes/Twinning").text.count("sh:") < 20


@pytest.mark.parametrize("name", ["Twinning", "twin", "Account"])
def test_the_document_about_a_term_is_the_part_of_the_ontology_that_describes_it(ask: Ask, name: str) -> None:
    whole = canonical(parse(ask("/ontology.nt").body, RdfFormat.N_TRIPLES)).splitlines()
    part = canonical(parse(ask(f"/ontology/terms/{name}.nt").body, RdfFormat.N_TRIPLES)).splitlines()
    named = [line for line in whole if line.startswith(f"<{ns.CD}{name}> ") and "_:" not in line]
    assert set(named) <= set(part)
    assert len(part) < len(whole) / 10
    triples = list(parse(ask(f"/ontology/terms/{name}.nt").body, RdfFormat.N_TRIPLES))
    unnamed = {triple.object for triple in triples if isinstance(triple.object, BlankNode)}
    assert unnamed <= {triple.subject for triple in triples}, "what has no name is described along with the term"
    labelled = {triple.subject for triple in triples if triple.predicate == LABEL}
    assert {NamedNode(ns.CD + above) for above in ("Relation", "Twinning") if name == "Twinning"} <= labelled


def test_the_ontology_says_how_often_its_terms_are_used(ask: Ask, store: Store) -> None:
    text = page(ask, "/ontology").text
    for name, pattern in {"Twinning": (RDF.type, NamedNode(ns.CD + "Twinning")), "twin": (CD.twin, None)}.items():
        used = len(list(store.quads_for_pattern(None, *pattern, DefaultGraph())))
        assert f"cd:{name} {used}×" in text
        assert f"Used {used} times" in page(ask, f"/ontology/terms/{name}").text


def test_classes_stand_below_their_superclasses(ask: Ask) -> None:
    contents = ask("/ontology.html").body.decode().partition('<nav class="contents"')[2].partition("</nav>")[0]
    depths = {
        name: int(depth or 0) for depth, name in re.findall(r'<a(?: class="depth-(\d)")? href="#(\w+)"', contents)
    }
    classes = [name for name in depths if name[0].isupper()]
    above = next(name for name in reversed(classes[: classes.index("Twinning")]) if depths[name] < depths["Twinning"])
    assert above == "Relation"


def test_the_page_of_terms_shows_those_with_a_text(ask: Ask) -> None:
    found = page(ask, "/ontology?with=TWIN")
    assert {"Twinning", "twin"} <= found.anchors < page(ask, "/ontology").anchors
    assert "No results for" in page(ask, "/ontology?with=%3Cb%3E").text


def test_a_wrong_term_leads_to_the_right_one(ask: Ask) -> None:
    for path in ("/ontology/terms/Twining", "/shapes/Twining"):
        answer = ask(path)
        assert answer.status == 404
        assert "Twinning" in answer.members["detail"]
    assert ask("/shapes/%3E").status == 404
