"""Values that pages of questions show, cached by snapshot.

The path of a snapshot identifies all that the values depend on. It names the build, by when it was made and a hash of
what it holds, the scope, which has a folder of its own below its build, and the number of changes; a snapshot is never
written again, and a server is stopped before a backup takes the place of its folder (docs/operating/keeping.md). So a
change, a build, another scope and a revision of the past each have values of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from kg.publish.questions import Coverage, coverage, parameter_values
from kg.queries import Parameter
from server.service import service

_LISTS_CACHED = 512
"""Lists of values for parameters, of which there are some hundred: those of two snapshots and their scopes."""


def offered_values(parameter: Parameter) -> Mapping[str, str]:
    """Return the values that have rows in what the request reads, as kg.queries.choices does. Raises what it raises."""
    return _read_offered(service.revisions.snapshot_path(), parameter)


def known_values(parameter: Parameter) -> Mapping[str, str]:
    """Return all values that a choice can take in what the request reads, as `offered` does."""
    return _read_known(service.revisions.snapshot_path(), parameter)


def work_coverage(what: str) -> Coverage:
    """Return of how many the country is known in what the request reads (kg.publish.questions)."""
    return _read_coverage(service.revisions.snapshot_path(), what)


@lru_cache(_LISTS_CACHED)
def _read_offered(snapshot: Path, parameter: Parameter) -> Mapping[str, str]:
    return service.workers.read(parameter_values, parameter.as_json(), True)


@lru_cache(_LISTS_CACHED)
def _read_known(snapshot: Path, parameter: Parameter) -> Mapping[str, str]:
    return service.workers.read(parameter_values, parameter.as_json())


@lru_cache(maxsize=8)
def _read_coverage(snapshot: Path, what: str) -> Coverage:
    return service.workers.read(coverage, what)
