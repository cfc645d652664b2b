"""SPARQL 1.1 Protocol, query operation, against a running server, asked as curl asks: what its tests share.

They are written from the documents, not from our code: the W3C protocol and service description test suites (each case
has its counterpart here; `W3C:` names it), the RFCs on HTTP, and the contract.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from kg.store.data_folder import DataFolder
from tests.support.protocol import TABLE_1, TABLE_2, TABLE_3


@pytest.fixture(scope="session")
def everything(folder: DataFolder) -> dict[str, set[Triple]]:
    """The triples of each named graph, read from the N-Quads that `citykg export` writes."""
    command = [str(Path(sys.executable).parent / "citykg"), "export", "--data", str(folder.path), "--format", "nq"]
    written = subprocess.run(command, capture_output=True, check=True).stdout
    graphs: dict[str, set[Triple]] = {}
    for quad in parse(written, RdfFormat.N_QUADS):
        assert isinstance(quad.graph_name, NamedNode)
        graphs.setdefault(quad.graph_name.value, set()).add(quad.triple)
    return graphs


@pytest.fixture(scope="session")
def tables(everything: dict[str, set[Triple]]) -> dict[str, set[Triple]]:
    """The triples of the three tables."""
    return {graph: everything[graph] for graph in (TABLE_1, TABLE_2, TABLE_3)}
