"""The type of every problem leads to a page that explains it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from werkzeug.exceptions import default_exceptions

import kg.engines  # optional packages, with errors of their own
import kg.federation  # noqa: F401
import server.serve  # noqa: F401 – brings in all others
from kg.errors import CityKgError
from kg.store import DataFolder
from server.errors import KINDS, kind_of, slug
from tests.support.http import Ask
from tests.support.serving import client as client_of


def classes(of: type[CityKgError] = CityKgError) -> Iterator[type[CityKgError]]:
    """Yield a class of errors and all below it."""
    yield of
    for below in of.__subclasses__():
        yield from classes(below)


def test_every_class_is_of_a_kind_in_the_table_and_every_kind_has_a_class() -> None:
    titles = {one.title for one in classes()}
    http = {error().name for error in default_exceptions.values()}
    assert {slug(title) for title in titles | http} == KINDS.keys()
    assert {kind.title for kind in KINDS.values()} >= titles


def test_a_class_without_a_title_is_of_the_kind_of_the_one_above() -> None:
    class OfUnknownNameError(CityKgError):
        title = "There is no such thing"

    class BelowError(OfUnknownNameError):
        pass

    assert (kind_of(BelowError("x")).status, kind_of(CityKgError("x")).status) == (404, 500)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_page(ask: Ask, kind: str) -> None:
    page = ask(f"/docs/errors/{kind.replace(chr(39), '%27')}")
    assert page.status == 200
    assert f"with status {KINDS[kind].status}<" in page.body.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/doc/city/nowhere",
        "/queries/twins-of-a-city?town=x",
        "/queries/twins-of-a-city?thing=%3Cx%3E",
        "/sparql?query=nonsense",
        "/sparql?query=ASK%7B%7D&format=csv",
        "/docs/errors/nothing",
    ],
)
def test_the_type_of_a_problem_leads_to_a_page_with_its_title_and_status(ask: Ask, path: str) -> None:
    problem = ask(path).members
    page = ask(problem["type"]).body.decode()
    assert f"<h1>{problem['title']}</h1>" in page
    assert f"with status {problem['status']}<" in page


TWO_FAULTS = (
    "--data-binary",
    "city_a,city_b,since,source\nShefield,Leeds,19999,geonames\n",
    "-H",
    "Content-Type: text/csv",
)


@pytest.mark.drawn
def test_an_error_for_reading_has_what_is_wrong_each_place_and_the_way_out(ask: Ask) -> None:
    told = ask(*TWO_FAULTS, "-H", "Accept: text/plain", "/validate")
    assert (told.status, told.type) == (400, "text/plain")
    lines = told.body.decode().splitlines()
    assert lines[0] == "The submission cannot be read (400)"
    assert lines[2] == "2:1: Violation: 'Shefield' is not the name of a city that the graph knows."
    assert sum(line.startswith("2:16: ") for line in lines) == 1
    assert lines[-1] == "Mend these places and try again."
    assert ask(*TWO_FAULTS, "-H", "Accept: text/plain, application/json", "/validate").type == "text/plain"
    assert ask(*TWO_FAULTS, "/validate").type == "application/problem+json"


@pytest.mark.drawn
def test_a_page_of_an_error_lists_what_was_found(ask: Ask) -> None:
    page = ask(*TWO_FAULTS, "-H", "Accept: text/html", "/validate").body.decode()
    assert "<p>The submission has 2 findings.</p>" in page
    assert page.count("<li><h3>Violation: ") == 2
    assert "Line 2. " in page
    assert "Write 2015, 2015-03" in page


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RuntimeError("Corruption: block checksum mismatch"), 503),
        (OSError("IO error: While pread: Input/output error"), 503),
        (OSError(28, "No space left on device"), 507),
        (RuntimeError("a fault of ours"), 500),
        (OSError("a fault of ours"), 500),
    ],
)
def test_what_the_engine_says_of_a_damaged_file_is_no_fault_of_the_program(
    folder: DataFolder, error: Exception, status: int
) -> None:
    with client_of(folder) as client:

        @client.application.get("/failing")
        def fail() -> str:
            raise error

        answer = client.get("/failing")
    assert answer.status_code == status
    assert ("citykg verify" in answer.json.get("hint", "")) == (status == 503)
