"""The descriptions, parsed again and compared with what is counted in the store by other means than theirs."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, QuerySolutions, RdfFormat, Store, Triple, parse

from kg.publish import catalogues
from kg.publish.dataset import descriptions, dumps
from kg.queries import catalogue
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf import triples as describing
from kg.rdf.formats import GRAPH_FORMAT, GRAPH_FORMATS, RESULT_FORMATS
from kg.rdf.triples import SPARQL
from kg.rdf.vocabulary import RDF
from tests.support.stores import quads_of

pytestmark = pytest.mark.drawn

ENDPOINT = "http://127.0.0.1:8000/sparql"
SD = "http://www.w3.org/ns/sparql-service-description#"
VOID = "http://rdfs.org/ns/void#"
DCAT = "http://www.w3.org/ns/dcat#"
SH = ns.PREFIXES["sh"]
SAME_AS = NamedNode(ns.PREFIXES["schema"] + "sameAs")
DCTERMS = ns.PREFIXES["dcterms"]


def described(store: Store) -> list[Triple]:
    return list(descriptions.with_service_addresses(descriptions.void_description(store), ENDPOINT))


def reread(triples: list[Triple]) -> Store:
    """Write a description as Turtle and parse it again."""
    store = Store()
    store.load(describing.write(triples, GRAPH_FORMAT["ttl"]), RdfFormat.TURTLE)
    return store


def objects(store: Store, subject: NamedNode, predicate: str) -> set[NamedNode | Literal]:
    found = store.quads_for_pattern(subject, NamedNode(predicate), None, DefaultGraph())
    return {quad.object for quad in found if isinstance(quad.object, NamedNode | Literal)}


def value(store: Store, subject: NamedNode, predicate: str) -> str:
    (found,) = objects(store, subject, predicate)
    return found.value


def number(store: Store, subject: NamedNode, predicate: str) -> int:
    return int(value(store, subject, predicate))


def triples_of_default_graph(store: Store) -> list[Triple]:
    return [quad.triple for quad in quads_of(store) if quad.graph_name == DefaultGraph()]


def sizes_of_graphs(store: Store) -> Counter[NamedNode]:
    return Counter(quad.graph_name for quad in quads_of(store) if isinstance(quad.graph_name, NamedNode))


@pytest.fixture(scope="module")
def service(store: Store) -> Store:
    return reread(descriptions.service_description(store, ENDPOINT))


@pytest.fixture(scope="module")
def description(store: Store) -> list[Triple]:
    return described(store)


@pytest.fixture(scope="module")
def void(description: list[Triple]) -> Store:
    return reread(description)


@pytest.fixture(scope="module")
def examples() -> Store:
    return reread(catalogues.query_examples(catalogue.canned_queries().values(), ENDPOINT))


def test_there_is_one_service_with_its_endpoint(service: Store) -> None:
    (found,) = service.quads_for_pattern(None, RDF.type, NamedNode(SD + "Service"), None)
    assert isinstance(found.subject, NamedNode)
    assert objects(service, found.subject, SD + "endpoint") == {NamedNode(ENDPOINT)}


def test_the_service_names_every_result_format_and_claims_no_feature(service: Store) -> None:
    node = NamedNode(f"{SPARQL.value}#service")
    formats = {NamedNode(fmt.engine.iri) for fmt in (*RESULT_FORMATS, *GRAPH_FORMATS) if fmt.engine}
    of_iana = ("application/geo+json", "text/markdown")
    formats |= {NamedNode(f"https://www.iana.org/assignments/media-types/{name}") for name in of_iana}
    assert objects(service, node, SD + "resultFormat") == formats
    assert objects(service, node, SD + "feature") == set()
    assert NamedNode(SD + "SPARQL11Query") in objects(service, node, SD + "supportedLanguage")
    assert NamedNode(SD + "SPARQL11Update") not in objects(service, node, SD + "supportedLanguage")


OVERVIEW = """
PREFIX void: <http://rdfs.org/ns/void#>
SELECT DISTINCT ?subjectClass ?prop ?objectClass ?triples {
  ?part void:class ?subjectClass ; void:propertyPartition ?ofClass . ?ofClass void:property ?prop
  OPTIONAL { ?ofClass void:triples ?triples }
  OPTIONAL { ?ofClass void:classPartition [ void:class ?objectClass ] }
}"""
"""What programs such as SIB's overview of an endpoint ask to draw its classes: at last of the service description."""


def test_the_service_says_which_classes_are_joined_by_what(service: Store, store: Store) -> None:
    answer = service.query(OVERVIEW)
    assert isinstance(answer, QuerySolutions)
    rows = [tuple(str(row[name]).strip("<>").removeprefix(ns.CD) for name in range(3)) for row in answer]
    assert len(rows) > 100
    assert {("Account", "accountOf", "Twinning"), ("Twinning", "twin", "City")} <= set(rows)
    (partition,) = {
        of
        for part in objects(service, descriptions.DATASET, VOID + "classPartition")
        if isinstance(part, NamedNode) and value(service, part, VOID + "class") == f"{ns.CD}Account"
        for of in objects(service, part, VOID + "propertyPartition")
        if isinstance(of, NamedNode) and value(service, of, VOID + "property") == f"{ns.CD}accountOf"
    }
    accounts = {triple for triple in triples_of_default_graph(store) if triple.predicate.value == f"{ns.CD}accountOf"}
    assert number(service, partition, VOID + "triples") == len(accounts)


def test_the_default_graph_has_its_size(store: Store, service: Store) -> None:
    (default,) = objects(service, descriptions.DATASET, SD + "defaultGraph")
    assert isinstance(default, NamedNode)
    assert number(service, default, VOID + "triples") == len(triples_of_default_graph(store))


def test_every_named_graph_has_its_name_size_and_passage(store: Store, service: Store) -> None:
    described = {}
    for part in objects(service, descriptions.DATASET, SD + "namedGraph"):
        assert isinstance(part, NamedNode)
        (name,), (graph,) = objects(service, part, SD + "name"), objects(service, part, SD + "graph")
        assert name == graph
        assert isinstance(graph, NamedNode)
        described[graph] = number(service, graph, VOID + "triples")
    assert described == sizes_of_graphs(store)
    of_report = [graph for graph in described if graph.value.startswith(ns.REPORT)]
    assert of_report
    for graph in of_report:
        (passage,) = objects(service, graph, DCTERMS + "source")
        passages = store.quads_for_pattern(passage, RDF.type, NamedNode(ns.CD + "Passage"), DefaultGraph())
        assert list(passages), passage


def test_each_graph_of_a_passage_leads_to_the_report(service: Store) -> None:
    report = NamedNode(ns.ID + "publication/this-report")
    graphs = [part.value for part in objects(service, descriptions.DATASET, SD + "namedGraph")]
    passages = [name.rpartition("graph/report/")[2] for name in graphs if "graph/report/" in name]
    assert passages
    for name in passages:
        assert objects(service, NamedNode(f"{ns.ID}passage/{name}"), DCTERMS + "isPartOf") == {report}


def test_the_available_graphs_are_those_of_the_data_set_and_the_union_of_all_passages(
    store: Store, service: Store
) -> None:
    node, union = NamedNode(f"{SPARQL.value}#service"), NamedNode(ns.GRAPH + "report")
    (available,) = objects(service, node, SD + "availableGraphs")
    assert isinstance(available, NamedNode)
    of_dataset = objects(service, descriptions.DATASET, SD + "namedGraph")
    (extra,) = objects(service, available, SD + "namedGraph") - of_dataset
    assert of_dataset < objects(service, available, SD + "namedGraph")
    assert isinstance(extra, NamedNode)
    assert objects(service, extra, SD + "name") == {union}
    of_passages = {quad.triple for quad in quads_of(store) if str(quad.graph_name).startswith(f"<{union.value}/")}
    assert number(service, union, VOID + "triples") == len(of_passages)
    assert value(service, union, DCTERMS + "source") == ns.ID + "publication/this-report"


def test_prefixes_are_declared_as_we_take_them(service: Store, examples: Store) -> None:
    for described in (service, examples):
        declared = {
            value(described, node, SH + "prefix"): value(described, node, SH + "namespace")
            for node in objects(described, descriptions.DATASET, SH + "declare")
            if isinstance(node, NamedNode)
        }
        assert declared == ns.PREFIXES


def test_void_counts_what_the_default_graph_holds(store: Store, void: Store) -> None:
    triples = triples_of_default_graph(store)
    entities = {t.subject for t in triples if isinstance(t.subject, NamedNode) and t.subject.value.startswith(ns.ID)}
    counted = {
        "triples": len(triples),
        "distinctSubjects": len({t.subject for t in triples}),
        "distinctObjects": len({t.object for t in triples}),
        "properties": len({t.predicate for t in triples}),
        "classes": len({t.object for t in triples if t.predicate == RDF.type}),
        "entities": len(entities),
    }
    assert {name: number(void, descriptions.DATASET, VOID + name) for name in counted} == counted
    assert value(void, descriptions.DATASET, VOID + "uriSpace") == ns.ID
    examples = objects(void, descriptions.DATASET, VOID + "exampleResource")
    kinds = {entity.value.removeprefix(ns.ID).partition("/")[0] for entity in entities}
    assert examples <= entities
    assert len(examples) == len(kinds)


def test_every_vocabulary_is_one_whose_terms_occur(store: Store, void: Store) -> None:
    triples = triples_of_default_graph(store)
    terms = {t.predicate.value for t in triples}
    terms |= {t.object.value for t in triples if t.predicate == RDF.type and isinstance(t.object, NamedNode)}
    vocabularies = tuple(v.value for v in objects(void, descriptions.DATASET, VOID + "vocabulary"))
    assert all(term.startswith(vocabularies) for term in terms)
    assert all(any(term.startswith(vocabulary) for term in terms) for vocabulary in vocabularies)


def partitions_by_property(void: Store) -> dict[str, tuple[int, int, int]]:
    return {
        value(void, part, VOID + "property"): (
            number(void, part, VOID + "triples"),
            number(void, part, VOID + "distinctSubjects"),
            number(void, part, VOID + "distinctObjects"),
        )
        for part in objects(void, descriptions.DATASET, VOID + "propertyPartition")
        if isinstance(part, NamedNode)
    }


def counted_by_property(triples: list[Triple]) -> dict[str, tuple[int, int, int]]:
    by_property: dict[str, list[Triple]] = {}
    for triple in triples:
        by_property.setdefault(triple.predicate.value, []).append(triple)
    return {p: (len(ts), len({t.subject for t in ts}), len({t.object for t in ts})) for p, ts in by_property.items()}


def partitions_by_class(void: Store) -> dict[str, int]:
    return {
        value(void, part, VOID + "class"): number(void, part, VOID + "entities")
        for part in objects(void, descriptions.DATASET, VOID + "classPartition")
        if isinstance(part, NamedNode)
    }


def counted_by_class(triples: list[Triple]) -> dict[str, int]:
    members: dict[str, set[object]] = {}
    for triple in triples:
        if triple.predicate == RDF.type and isinstance(triple.object, NamedNode):
            members.setdefault(triple.object.value, set()).add(triple.subject)
    return {kind: len(inside) for kind, inside in members.items()}


def links_between_classes(void: Store) -> dict[tuple[str, str, str], int]:
    parts = objects(void, descriptions.DATASET, VOID + "classPartition")
    return {
        (
            value(void, part, VOID + "class"),
            value(void, of, VOID + "property"),
            value(void, to, VOID + "class"),
        ): number(void, to, VOID + "triples")
        for part in parts
        if isinstance(part, NamedNode)
        for of in objects(void, part, VOID + "propertyPartition")
        if isinstance(of, NamedNode)
        for to in objects(void, of, VOID + "classPartition")
        if isinstance(to, NamedNode)
    }


def counted_links(store: Store) -> dict[tuple[str, str, str], int]:
    """Count by classes what is stated of our things, and not inferred, as far as there are ten links."""
    inferred = {quad.triple for quad in store.quads_for_pattern(None, None, None, graphs.INFERRED)}
    stated = [triple for triple in triples_of_default_graph(store) if triple not in inferred]
    classes: dict[object, set[str]] = {}
    for triple in stated:
        if triple.predicate == RDF.type and isinstance(triple.object, NamedNode):
            classes.setdefault(triple.subject, set()).add(triple.object.value)
    counted = Counter(
        (of, triple.predicate.value, to)
        for triple in stated
        if all(isinstance(end, NamedNode) and end.value.startswith(ns.ID) for end in (triple.subject, triple.object))
        for of in classes.get(triple.subject, ())
        for to in classes.get(triple.object, ())
    )
    return {joined: count for joined, count in counted.items() if count >= 10}


def test_partitions_of_the_real_graph(store: Store, void: Store) -> None:
    triples = triples_of_default_graph(store)
    assert partitions_by_property(void) == counted_by_property(triples)
    assert partitions_by_class(void) == counted_by_class(triples)


def test_which_classes_a_property_joins_is_counted(store: Store, void: Store) -> None:
    joined = links_between_classes(void)
    assert joined == counted_links(store)
    assert joined[(f"{ns.CD}Account", f"{ns.CD}accountOf", f"{ns.CD}Twinning")] > 10


def test_the_description_is_no_larger_than_a_tenth_of_what_it_describes(store: Store, void: Store) -> None:
    assert len(void) * 10 <= len(store)


NODES = [NamedNode(ns.ID + "city/a"), NamedNode(ns.ID + "network/b c".replace(" ", "%20")), NamedNode("http://x/#y/z")]
PREDICATES = [RDF.type, NamedNode(ns.CD + "twin"), NamedNode("http://x/p?q=1"), NamedNode("http://x/p?q=2")]
OBJECTS = [*NODES, NamedNode(ns.CD + "City"), Literal("text"), Literal("text", language="en")]
TRIPLES = st.builds(Triple, st.sampled_from(NODES), st.sampled_from(PREDICATES), st.sampled_from(OBJECTS))


@given(st.sets(TRIPLES))
def test_partitions_of_any_graph_are_what_python_counts(triples: set[Triple]) -> None:
    store = Store()
    store.bulk_extend(Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in triples)
    void = reread(described(store))
    assert partitions_by_property(void) == counted_by_property(list(triples))
    assert partitions_by_class(void) == counted_by_class(list(triples))
    assert number(void, descriptions.DATASET, VOID + "triples") == len(triples)


def test_subsets_are_the_graphs_of_the_default_graph_and_shapes_are_none(store: Store, void: Store) -> None:
    sizes = sizes_of_graphs(store)
    linksets = {q.subject for q in void.quads_for_pattern(None, RDF.type, NamedNode(VOID + "Linkset"), None)}
    subsets = objects(void, descriptions.DATASET, VOID + "subset") - linksets
    assert subsets == {graph for graph in sizes if graphs.in_default_graph(graph)}
    assert graphs.SHAPES in sizes
    assert graphs.SHAPES not in subsets
    assert {graph: number(void, graph, VOID + "triples") for graph in sizes} == sizes


def test_links_to_others_are_counted_and_say_where_they_lead(store: Store, void: Store) -> None:
    same = {q.triple for q in store.quads_for_pattern(None, SAME_AS, None, DefaultGraph())}
    linksets = [q.subject for q in void.quads_for_pattern(None, RDF.type, NamedNode(VOID + "Linkset"), None)]
    counted = {}
    for links in linksets:
        assert isinstance(links, NamedNode)
        assert objects(void, links, VOID + "linkPredicate") == {SAME_AS}
        assert objects(void, links, VOID + "subjectsTarget") == {descriptions.DATASET}
        (target,) = objects(void, links, VOID + "objectsTarget")
        counted[value(void, target, VOID + "uriSpace")] = number(void, links, VOID + "triples")  # type: ignore[arg-type]
    assert {"https://sws.geonames.org/", "http://www.wikidata.org/entity/"} <= counted.keys()
    assert counted == {space: sum(t.object.value.startswith(space) for t in same) for space in counted}  # type: ignore[union-attr]
    assert sum(counted.values()) == len(same), "no other data set is linked"


OURS, SHARE_ALIKE = (f"https://creativecommons.org/licenses/{name}/4.0/" for name in ("by", "by-sa"))


def test_each_graph_has_its_licence(store: Store, void: Store) -> None:
    stated = {graph: value(void, graph, DCTERMS + "license") for graph in sizes_of_graphs(store)}
    licences = {graph.value.removeprefix(ns.GRAPH): licence for graph, licence in stated.items()}
    assert {graph for graph, licence in licences.items() if licence != OURS} == {"share-alike"}
    assert licences["share-alike"] == SHARE_ALIKE
    assert descriptions.dataset_summary(store)["licences"] == {graph: [licence] for graph, licence in licences.items()}


def test_what_a_share_alike_source_states_stands_in_a_graph_that_says_so(store: Store, void: Store) -> None:
    licensed = store.quads_for_pattern(None, NamedNode(DCTERMS + "license"), NamedNode(SHARE_ALIKE), DefaultGraph())
    sources = {quad.subject for quad in licensed if str(quad.subject).startswith(f"<{ns.ID}source/")}
    assert len(sources) == 2
    naming = (NamedNode(ns.CD + "statedIn"), NamedNode(DCTERMS + "source"))
    of_them = [quad for quad in quads_of(store) if quad.predicate in naming and quad.object in sources]
    found = {quad.graph_name for quad in of_them if isinstance(quad.graph_name, NamedNode)}
    assert found == {NamedNode(ns.GRAPH + "share-alike")}


def test_a_graph_has_the_licence_that_is_stated_of_it_and_no_other() -> None:
    store, theirs, licence = Store(), NamedNode("https://licences.example/theirs"), NamedNode(DCTERMS + "license")
    mine, stated = NamedNode(ns.REPORT + "mine/kobe"), []
    stated.append(Quad(NamedNode(ns.ID + "city/kobe"), RDF.type, NamedNode(ns.CD + "City"), mine))
    stated.append(Quad(mine, licence, theirs, graphs.PASSAGES))
    stated.append(Quad(NamedNode(ns.BASE + "ontology"), licence, NamedNode(OURS), graphs.ONTOLOGY))
    store.bulk_extend([*stated, *graphs.default_graph_quads(stated)])
    void = reread(described(store))
    assert objects(void, mine, DCTERMS + "license") == {theirs}
    assert objects(void, graphs.PASSAGES, DCTERMS + "license") == {NamedNode(OURS)}


def test_a_curated_graph_has_the_licences_of_sources_that_it_names_wherever_these_are_described() -> None:
    store, desk = Store(), NamedNode(ns.GRAPH + "curated/desk")
    source, account = NamedNode(ns.ID + "source/encyclopaedia"), NamedNode(ns.ID + "account/a")
    stated = [
        Quad(source, RDF.type, NamedNode(ns.CD + "Source"), NamedNode(ns.GRAPH + "gazetteer")),
        Quad(source, NamedNode(DCTERMS + "license"), NamedNode(SHARE_ALIKE), NamedNode(ns.GRAPH + "gazetteer")),
        Quad(account, NamedNode(ns.CD + "statedIn"), source, desk),
    ]
    store.bulk_extend([*stated, *graphs.default_graph_quads(stated)])
    assert objects(reread(described(store)), desk, DCTERMS + "license") == {NamedNode(SHARE_ALIKE)}


def test_a_curated_graph_has_the_licence_of_its_source_alone() -> None:
    store = Store()
    theirs = NamedNode("https://licences.example/theirs")
    desk, source = NamedNode(ns.GRAPH + "curated/desk"), NamedNode(ns.ID + "source/desk")
    store.add(Quad(source, RDF.type, NamedNode(ns.CD + "Source"), desk))
    store.add(Quad(source, NamedNode(DCTERMS + "license"), theirs, desk))
    ours = NamedNode("https://licences.example/ours")
    store.add(Quad(NamedNode(ns.BASE + "ontology"), NamedNode(DCTERMS + "license"), ours, graphs.ONTOLOGY))
    void = reread(described(store))
    assert objects(void, desk, DCTERMS + "license") == {theirs}
    assert objects(void, graphs.ONTOLOGY, DCTERMS + "license") == {ours}


def test_the_record_for_catalogues_says_who_publishes_what_about_and_in_which_formats(void: Store) -> None:
    europe = "http://publications.europa.eu/resource/authority/"
    (publisher,) = objects(void, descriptions.DATASET, DCTERMS + "publisher")
    assert isinstance(publisher, NamedNode)
    assert value(void, publisher, ns.PREFIXES["foaf"] + "name") == "City Diplomacy Knowledge Graph"
    themes = {theme.value for theme in objects(void, descriptions.DATASET, DCAT + "theme")}  # type: ignore[union-attr]
    assert themes == {f"{europe}data-theme/INTR", f"{europe}data-theme/GOVE"}
    parts = objects(void, descriptions.DATASET, DCAT + "distribution")
    assert len(parts) > 10
    for part in parts:
        assert isinstance(part, NamedNode)
        (kind,) = objects(void, part, DCTERMS + "format")
        assert kind.value.startswith(f"{europe}file-type/")  # type: ignore[union-attr]
        (lasts,) = objects(void, part, "http://data.europa.eu/r5r/availability")
        assert lasts == NamedNode(f"{europe}planned-availability/EXPERIMENTAL")


def test_the_service_leads_to_its_descriptions() -> None:
    said = {
        (t.predicate.value.removeprefix(DCAT), str(t.object))
        for t in descriptions.with_service_addresses([], "http://a.example/x/sparql")
    }
    described = {value for name, value in said if name == "endpointDescription"}
    assert described == {"<http://a.example/x/sparql>", "<http://a.example/x/openapi.json>"}
    assert ("keyword", '"SPARQL"@en') in said


def test_every_dump_that_is_named_exists(store: Store, void: Store) -> None:
    dumps_here = ENDPOINT.removesuffix("sparql") + "dumps/"
    known = {NamedNode(dumps_here + file) for file in dumps.dumps(store)}
    named = {q.object for q in void.quads_for_pattern(None, NamedNode(VOID + "dataDump"), None, None)}
    named |= {q.object for q in void.quads_for_pattern(None, NamedNode(DCAT + "downloadURL"), None, None)}
    named |= {q.object for q in void.quads_for_pattern(None, NamedNode(DCAT + "accessURL"), None, None)}
    assert {NamedNode(dumps_here + file) for file in ("all.trig", "all.nq", "default.nt")} <= named <= known


def test_licence_version_and_dates_are_those_of_the_ontology(store: Store, void: Store) -> None:
    ontology = NamedNode(ns.BASE + "ontology")
    pairs = {
        DCTERMS + "license": DCTERMS + "license",
        DCTERMS + "issued": DCTERMS + "created",
        DCTERMS + "modified": DCTERMS + "modified",
        DCAT + "version": ns.PREFIXES["owl"] + "versionInfo",
    }
    record = descriptions.schema_org(store)
    for ours, theirs in pairs.items():
        (stated,) = (q.object for q in store.quads_for_pattern(ontology, NamedNode(theirs), None, graphs.ONTOLOGY))
        assert isinstance(stated, NamedNode | Literal)
        assert value(void, descriptions.DATASET, ours) == stated.value
        assert stated.value in record.values()


def test_a_change_modifies_the_data_set_on_its_day() -> None:
    store, ontology, change = Store(), NamedNode(ns.BASE + "ontology"), NamedNode(ns.BASE + "changes/1")
    store.add(Quad(ontology, NamedNode(DCTERMS + "modified"), Literal("2026-11-27"), graphs.ONTOLOGY))
    ended, moment = NamedNode(ns.PREFIXES["prov"] + "endedAtTime"), NamedNode(ns.PREFIXES["xsd"] + "dateTime")
    for at, expected in {"2026-11-26T23:59:59Z": "2026-11-27", "2027-01-02T03:04:05Z": "2027-01-02"}.items():
        store.add(Quad(change, ended, Literal(at, datatype=moment), graphs.HISTORY))
        modified = objects(reread(described(store)), descriptions.DATASET, DCTERMS + "modified")
        assert modified == {Literal(expected, datatype=NamedNode(ns.PREFIXES["xsd"] + "date"))}


def test_each_query_is_an_example_that_runs_with_the_declared_prefixes_alone(store: Store, examples: Store) -> None:
    named = {
        quad.subject
        for quad in examples.quads_for_pattern(None, RDF.type, NamedNode(SH + "SPARQLExecutable"), None)
        if isinstance(quad.subject, NamedNode)
    }
    queries = catalogue.canned_queries()
    assert named == {NamedNode(ns.QUERIES + name) for name in queries}
    declarations = "".join(
        f"PREFIX {value(examples, node, SH + 'prefix')}: <{value(examples, node, SH + 'namespace')}>\n"
        for node in objects(examples, descriptions.DATASET, SH + "declare")
        if isinstance(node, NamedNode)
    )
    empty = Store()
    for node in named:
        query = queries[node.value.removeprefix(ns.QUERIES)]
        assert objects(examples, node, SH + "prefixes") == {descriptions.DATASET}
        assert isinstance(empty.query(declarations + value(examples, node, SH + "select")), QuerySolutions)
        assert value(examples, node, ns.PREFIXES["rdfs"] + "comment") == query.summary
        tags = {literal.value for literal in objects(examples, node, ns.PREFIXES["schema"] + "keywords")}
        assert tags == set(query.tags)


@pytest.mark.parametrize("fmt", GRAPH_FORMATS, ids=lambda fmt: fmt.name)
def test_a_description_has_the_same_bytes_in_any_order_and_parses(description: list[Triple], fmt: object) -> None:
    graph_format = next(known for known in GRAPH_FORMATS if known == fmt)
    written = describing.write(description, graph_format)
    assert written == describing.write([*reversed(description), description[0]], graph_format)
    assert {quad.triple for quad in parse(written, graph_format.engine)} == set(description)


def test_descriptions_hold_no_blank_node(store: Store, description: list[Triple]) -> None:
    everything = description + descriptions.service_description(store, ENDPOINT)
    for triple in (*everything, *catalogues.query_examples(catalogue.canned_queries().values(), ENDPOINT)):
        assert isinstance(triple.subject, NamedNode)
        assert isinstance(triple.object, NamedNode | Literal)
