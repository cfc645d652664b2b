"""The dumps: together they are the store, and their bytes depend on nothing else."""

from __future__ import annotations

import gzip
import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, parse

from kg.errors import UnknownNameError
from kg.publish.dataset import Dump, dumps
from kg.rdf import namespaces as ns
from kg.store import DataFolder
from tests.support.stores import quads_of
from tests.support.tiers import by_tier, fresh_random

pytestmark = pytest.mark.drawn


def find_dump(store: Store, file: str) -> Dump:
    Dump.check(store, file)
    return Dump.from_file_name(file)


def content(store: Store, file: str) -> bytes:
    return written(store, find_dump(store, file))


def written(store: Store, dump: dumps.Dump) -> bytes:
    output = io.BytesIO()
    dump.write(store, output)
    return output.getvalue()


@pytest.mark.parametrize("suffix", ["trig", "nq", "jsonld"])
def test_all_is_every_named_graph(store: Store, suffix: str) -> None:
    named = {quad for quad in quads_of(store) if quad.graph_name != DefaultGraph()}
    fmt = find_dump(store, f"all.{suffix}").format.engine
    assert set(parse(content(store, f"all.{suffix}"), fmt)) == named


def test_default_is_the_default_graph_with_each_triple_once(store: Store) -> None:
    found = list(parse(content(store, "default.nt"), RdfFormat.N_TRIPLES))
    assert len(found) == len(set(found))
    assert set(found) == {quad for quad in quads_of(store) if quad.graph_name == DefaultGraph()}


@pytest.mark.scaled
def test_each_graph_in_each_format_holds_what_it_holds(store: Store) -> None:
    known = dumps.dumps(store)
    passages = sorted({dump.name for dump in known.values() if dump.name.startswith("report/")})
    tried = fresh_random("passages").sample(passages, by_tier(12, len(passages), len(passages)))
    for file, dump in known.items():
        if dump.name in (*tried, "gazetteer", "vocabulary/theme") and not dump.compressed:
            graph = NamedNode(ns.GRAPH + dump.name)
            stated = {quad.triple for quad in store.quads_for_pattern(None, None, None, graph)}
            body = written(store, dump)
            found = list(parse(body, dump.format.engine))
            assert {quad.triple for quad in found} == stated, file
            kept = graph if dump.format.keeps_graphs else DefaultGraph()
            assert {quad.graph_name for quad in found} == {kept}, file
            assert gzip.decompress(written(store, known[f"{file}.gz"])) == body


def test_the_formats_without_graphs_are_no_form_of_the_whole(store: Store) -> None:
    with pytest.raises(UnknownNameError):
        find_dump(store, "all.ttl")


def test_an_unknown_dump_names_the_nearest(store: Store) -> None:
    with pytest.raises(UnknownNameError) as caught:
        find_dump(store, "report/tabel-1.ttl")
    assert "Did you mean 'report/table-1.ttl'" in caught.value.message
    assert caught.value.hint.startswith("Available: report/table-1.ttl, ")


def test_checksums_are_those_of_the_files(small: DataFolder) -> None:
    store = small.open()
    stated = dict(reversed(line.split("  ")) for line in dumps.checksums(store).splitlines())
    assert stated.keys() == dumps.dumps(store).keys()
    for file in (
        "all.trig",
        "default.nt",
        "report/table-1.ttl",
        "gazetteer.rdf",
        "all.nq.gz",
        "vocabulary/tie-status.nt.gz",
    ):
        assert stated[file] == hashlib.sha256(content(store, file)).hexdigest()


def test_a_compressed_dump_is_the_plain_one_and_names_no_time(store: Store) -> None:
    for file in ("all.nq", "report/table-1.ttl"):
        packed = content(store, f"{file}.gz")
        assert gzip.decompress(packed) == content(store, file)
        flags, time = packed[3], packed[4:8]  # RFC 1952, section 2.3
        assert (flags, time) == (0, bytes(4))


def test_digests_are_those_of_the_files(store: Store) -> None:
    digests = dumps.digests(store, [find_dump(store, "gazetteer.ttl")])
    assert digests.keys() == {"gazetteer.ttl", "gazetteer.ttl.gz"}
    for file, digest in digests.items():
        body = content(store, file)
        assert digest == dumps.DumpDigest(len(body), hashlib.sha256(body).hexdigest())


QUADS = [
    Quad(NamedNode(f"http://s/{s}"), NamedNode("http://p"), Literal(o), NamedNode(ns.GRAPH + g))
    for s in "abc" for o in "xy" for g in ("register", "report/table-1")
]  # fmt: skip


@given(st.permutations(QUADS))
def test_the_order_of_writing_the_store_does_not_show(quads: list[Quad]) -> None:
    first, second = Store(), Store()
    first.extend(QUADS)
    for quad in quads:
        second.add(quad)
    for dump in dumps.dumps(first).values():
        assert written(first, dump) == written(second, dump)
