"""What a worker does besides queries: the functions that are marked, which are called as any others, and no other."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import Store

import kg
from kg.errors import CityKgError, FaultError, QueryError, UnknownNameError
from kg.programs.exchange import Frame, evaluate_to_frame
from kg.publish import entities_with
from kg.rdf.vocabulary import SKOS
from kg.readings import Reading, WrittenReading
from kg.store.data_folder import DataFolder
from kg.tables.forms import fill_form
from kg.workers import QueryLimits, QueryPool


@Reading
def something_else(store: Store) -> str:
    return "read"


def marked() -> set[str]:
    """The names of all functions of the library that are marked as what a worker may read."""
    found = set()
    for module in pkgutil.walk_packages(kg.__path__, "kg."):
        if not module.name.startswith("kg.notebook"):
            loaded = importlib.import_module(module.name)
            classes = [one for one in vars(loaded).values() if isinstance(one, type) and one.__module__ == module.name]
            values = [*vars(loaded).values(), *(getattr(one, name) for one in classes for name in vars(one))]
            found |= {one.name for one in values if isinstance(one, Reading | WrittenReading)}
    return found


def test_a_worker_knows_what_is_marked() -> None:
    program = "from kg.programs import reading_table\nprint(*reading_table.READINGS)"
    known = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert set(known.split()) == marked()


@pytest.mark.drawn
def test_a_function_of_another_package_is_refused_and_the_worker_goes_on(folder: DataFolder) -> None:
    place: Path = folder.snapshot(folder.require_build())
    pool = QueryPool(place, QueryLimits(seconds=300, workers=1))
    assert something_else(Store()) == "read"
    with pytest.raises(UnknownNameError, match="something_else"):
        pool.read(place, something_else)
    assert pool.read(place, entities_with, SKOS.prefLabel.value).read_all()
    assert pool.state().replaced == 0
    pool.close()


@pytest.mark.parametrize("fault", [AssertionError("no way"), KeyError("gone"), ValueError("odd"), OSError("shut")])
def test_a_fault_of_a_reading_is_an_error_with_a_trace_and_the_worker_goes_on(fault: Exception) -> None:
    def evaluate() -> Frame:
        raise fault

    described, body = evaluate_to_frame(evaluate, "reading")
    error = CityKgError.from_json(described)
    assert isinstance(error, FaultError)
    assert error.message.startswith("A mistake in the program itself")
    assert fault.args[0] in error.trace
    assert not body
    if isinstance(fault, ValueError | OSError):  # of a query the engine raises these, and another query may do
        assert isinstance(CityKgError.from_json(evaluate_to_frame(evaluate, "query")[0]), QueryError)


@pytest.mark.drawn
def test_a_fault_is_logged_and_does_not_end_its_worker(folder: DataFolder, caplog: pytest.LogCaptureFixture) -> None:
    place: Path = folder.snapshot(folder.require_build())
    pool = QueryPool(place, QueryLimits(seconds=300, workers=1))
    with pytest.raises(FaultError):
        pool.read(place, fill_form, "no such form", {})
    assert "KeyError: 'no such form'" in caplog.text
    assert pool.read(place, entities_with, SKOS.prefLabel.value).read_all()
    assert pool.state().replaced == 0
    pool.close()
