"""A table in a view, as a worker makes it of all rows and a page draws it; and its form between processes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from typing import Any, ClassVar

from pyoxigraph import NamedNode

from kg.rdf.lookup import Term
from kg.rdf.rows import FirstRows, term_as_text, term_from_text
from kg.views.fitting import Roles, fitting_views
from kg.views.marks import Bar, Cell, Marks, Pair, Place, Route, Span, Voices, marks_of

_CLASSES = {one.__name__: one for one in (Bar, Cell, Marks, Pair, Place, Roles, Route, Span, Voices)}


@dataclass(frozen=True)
class View:
    """A table of the columns `names` in a view: its marks and their columns, where one of the `fitting` is asked for.

    `count` rows were read, and there are more if not `is_whole`. `called` has the names of what is drawn.
    """

    ANY: ClassVar = "any"
    """The view that is wanted where whichever fits first is."""

    names: tuple[str, ...]
    fitting: tuple[str, ...]
    count: int
    is_whole: bool = True
    roles: Roles | None = None
    marks: Marks | None = None
    called: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, found: FirstRows, wanted: str, voices: Iterable[Voices] = ()) -> View:
        """Return a table in the view that is wanted, "any" for the first that fits; `voices` are those of each row."""
        views = fitting_views(found.names, found.rows)
        chosen = next(iter(views), "") if wanted == cls.ANY else wanted
        seen = cls(found.names, tuple(views), len(found.rows), found.is_complete and len(found.rows) == found.count)
        if chosen not in views:
            return seen
        drawn = replace(seen, roles=views[chosen], marks=marks_of(chosen, views[chosen], found.rows, voices))
        named = {iri: found.display_names[iri] for iri in drawn.iris if iri in found.display_names}
        return replace(drawn, called=named)

    @property
    def iris(self) -> list[str]:
        """The IRIs of what is drawn and of those who speak of it, each once."""
        return list(dict.fromkeys(_iris(self.marks)))

    def as_json(self) -> bytes:
        """Return it as JSON, which `from_json` reads."""
        return json.dumps({one.name: _described(getattr(self, one.name)) for one in fields(self)}).encode()

    @classmethod
    def from_json(cls, body: bytes) -> View:
        """Return the view that `as_json` wrote."""
        return cls(**{name: _tupled(value) for name, value in json.loads(body, object_hook=_read).items()})


def _iris(value: object) -> Iterator[str]:
    if isinstance(value, NamedNode):
        yield value.value
    elif isinstance(value, Voices):
        yield from (*(iri for _, iri in value.objections), *value.sources)
    elif is_dataclass(value):
        yield from (iri for one in fields(value) for iri in _iris(getattr(value, one.name)))
    elif isinstance(value, tuple):
        yield from (iri for one in value for iri in _iris(one))


def _described(value: object) -> object:
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, Term):
        return {"term": term_as_text(value)}
    if is_dataclass(value):
        return {"of": type(value).__name__, **{one.name: _described(getattr(value, one.name)) for one in fields(value)}}
    return [_described(one) for one in value] if isinstance(value, tuple | list) else value


def _read(described: dict[str, Any]) -> object:
    """Return what was described, whose parts have been read before."""
    if "of" in described:
        stated = {name: _tupled(value) for name, value in described.items() if name != "of"}
        return _CLASSES[described["of"]](**stated)
    if described.keys() == {"date"}:
        return date.fromisoformat(described["date"])
    return term_from_text(described["term"]) if described.keys() == {"term"} else described


def _tupled(value: Any) -> Any:
    return tuple(map(_tupled, value)) if isinstance(value, list) else value
