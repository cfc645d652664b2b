"""What an operator asks first: is the service up, and can changes be made?"""

from __future__ import annotations

import pytest

from kg.accounts import Database, Role, Tokens
from kg.building import build
from kg.history import History, Record
from kg.history.chain import START
from kg.rdf import namespaces as ns
from kg.store import DataFolder
from tests.support.http import send
from tests.support.serving import Serving

SENT = "/changes?summary=Named&source=https://example.org/s&graph=curated/test"
LONDON = "<https://w3id.org/city-diplomacy/id/city/london>"
TURTLE = f'{LONDON} <http://www.w3.org/2004/02/skos/core#altLabel> "Londinium"@en .'


@pytest.mark.drawn
def test_changes_that_do_not_count_are_named_with_why(small: DataFolder, serving_folder: Serving) -> None:
    """The graph is ready, and a change can be made; without such changes nothing is said of them."""
    with serving_folder(small) as address:
        assert "withheld" not in send(address, "/readyz").members
    stated = f"{LONDON} <{ns.CD}twin> {LONDON} <{ns.GRAPH}curated/test> ."
    fields = ("id-1", "submit", "Odd", "https://example.org/", "ann", "2026-11-28T00:00:00Z")
    History(small.path).adopt([Record(1, *fields, (stated,), ()).seal_after(START)])
    build(small)
    headers = {"Authorization": f"Bearer {Tokens(Database(small.path)).create('Ann', Role.CURATOR)}"}
    with serving_folder(small) as address:
        ready = send(address, "/readyz")
        (withheld,) = ready.members["withheld"]
        assert (ready.status, ready.members["status"], withheld["change"]) == (200, "ready", 1)
        assert "cd:twin" in withheld["why"]
        assert send(address, "/changes/1.json").status == 200
        change = send(address, SENT, method="POST", body=TURTLE, headers={**headers, "Content-Type": "text/turtle"})
        assert change.status == 201
        assert send(address, "/readyz").members["withheld"] == [withheld]
        taken_back = "/changes/1/revert?summary=Never+was"
        refused = send(address, taken_back, method="POST", headers=headers)
        assert (refused.status, "does not count in the graph" in refused.members["detail"]) == (409, True)
