"""Errors, each with a message and a hint at what to do next."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

from kg.nearest import nearest_of_many, suggest

_ENGINE_ON_DAMAGE = ("Corruption:", "IO error:")
LONGEST_SHOWN = 80
"""Characters of a value that a message repeats."""


def shorten(text: str) -> str:
    """Return a text as a message repeats it, cut if it is long."""
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def is_damage(error: BaseException) -> bool:
    """Return True if the engine means by an error that a file of its store is damaged.

    It has no class for that, so that its words, which are those of RocksDB, are all there is to go by.
    """
    return str(error).startswith(_ENGINE_ON_DAMAGE)


def unexpected_end(what: str) -> CityKgError:
    """Return the error of something, such as "The import", that ended unexpectedly."""
    return CityKgError(f"{what} failed by a fault of the service.", "The operator finds it in the log.")


class CityKgError(Exception):
    """A mistake or a hindrance that its reader can mend.

    `hint` is the way out, in one sentence; it is shown below the message. A class with a `title` of its own is a kind
    of error of its own for clients of the service, whose table of errors has its status and its page.
    """

    title: ClassVar[str] = "Something is wrong with the files of this service"
    retry_after: int | None = None
    """Seconds after which the same may succeed; None where waiting does not help."""
    may_be_damage: ClassVar[bool] = False
    """True if it may come of a damaged file of a store."""
    brief: str = ""
    """The message without what a page shows beside it, such as suggestions; empty where that is all of it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message

    def public_message(self, data: Path) -> str:
        """Return the message without the path of `data`, the data folder, for clients."""
        return self.message

    def details(self) -> dict[str, Any]:
        """Return members for programs, by name, as JSON can hold them."""
        return {}

    def as_json(self) -> dict[str, Any]:
        """Return the error as a JSON object, from which `from_json` makes it again."""
        return {"error": type(self).__name__, **vars(self)}

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what `pickle` needs: an error is made without its initialiser, whose arguments it does not keep."""
        return _rebuild, (type(self), self.args, vars(self))

    @staticmethod
    def from_json(described: Mapping[str, Any]) -> CityKgError:
        """Return the error of another process; a CityKgError where its class is not known here."""
        known = {kind.__name__: kind for kind in _subclasses(CityKgError)}
        kind = known.get(described["error"], CityKgError)
        error = kind.__new__(kind, described["message"])
        vars(error).update({name: value for name, value in described.items() if name not in ("kind", "error")})
        return error


def _rebuild(kind: type[CityKgError], arguments: tuple[Any, ...], values: Mapping[str, Any]) -> CityKgError:
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    vars(error).update(values)
    return error


def _subclasses(kind: type[CityKgError]) -> Iterator[type[CityKgError]]:
    for narrower in kind.__subclasses__():
        yield narrower
        yield from _subclasses(narrower)


class PlaceError(CityKgError):
    """An error at a place on this machine.

    With a `place`, the message is a template with fields in braces: `place`, `cause`, and others by their names. What
    the system says of a cause may be told to anybody, other texts may name places.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        place: Path | None = None,
        cause: BaseException | str = "",
        **values: object,
    ) -> None:
        self._template = message
        self._place = None if place is None else str(place)  # as JSON can hold it
        self._of_the_system = cause.strerror if isinstance(cause, OSError) else None
        self._values = values
        super().__init__(self._fill_template(place, self._of_the_system or cause), hint)

    def public_message(self, data: Path) -> str:
        """Return the message with a path inside the data folder at most, and without texts of other programs."""
        if self._place is None:
            return self.message
        place = Path(self._place)
        inside = place.relative_to(data).as_posix() if place.is_relative_to(data) else place.name
        name = "the data folder" if place == data else inside
        filled = self._fill_template(name, self._of_the_system or "the log of the service says why")
        return filled[0].upper() + filled[1:] if filled.startswith(name) and place == data else filled

    def _fill_template(self, place: object, cause: object) -> str:
        return (
            self._template if self._place is None else self._template.format(place=place, cause=cause, **self._values)
        )


class UnknownNameError(CityKgError):
    """A name that does not exist; the message names the nearest, the hint those that do, of many the nearest first."""

    title = "There is no such thing"

    _MOST_LISTED: ClassVar = 10

    def __init__(self, kind: str, name: str, known: list[str]) -> None:
        self.name = name
        near = nearest_of_many(name, known, self._MOST_LISTED, cutoff=0.5)
        self.nearest = near[0] if near else None
        self.brief = f"There is no {kind} named {name!r}."
        message = self.brief + (f" Did you mean {self.nearest!r}?" if self.nearest else "")
        listed, rest = sorted(known), len(known) - self._MOST_LISTED
        if rest > 0:
            listed = list(dict.fromkeys([*near, *listed]))[: self._MOST_LISTED]
        more = f" and {rest:,} more" if rest > 0 else ""
        super().__init__(message, f"Available: {', '.join(listed) or 'none'}{more}.")


class PageNumberError(UnknownNameError):
    """The number of a page that does not exist, such as of "this list"; `pages` is their count."""

    def __init__(self, of: str, number: str, pages: int) -> None:
        super().__init__(f"page of {of}", number, [str(known) for known in range(1, pages + 1)])
        self.pages = pages

    def details(self) -> dict[str, Any]:
        """Return the number of pages."""
        return {"pages": self.pages}


class BadValueError(CityKgError):
    """A value that its parameter does not take; each suggestion has a label and an address."""

    title = "A parameter does not fit"
    suggestions: Sequence[Mapping[str, str]] = ()

    @classmethod
    def of_unknown(cls, message: str, name: str, known: Collection[str]) -> Self:
        """Return the error about a word that is none of those known; it lists these after the nearest."""
        return cls(suggest(name, known, message=message), f"Available: {', '.join(known)}.")

    def details(self) -> dict[str, Any]:
        """Return the suggestions."""
        return {"suggestions": list(self.suggestions) or None}


class AmbiguousValueError(BadValueError):
    """A name that several things have."""


class QueryError(CityKgError):
    """A query that the engine does not understand."""

    title = "The query cannot be run"


class FaultError(CityKgError):
    """A task (`what`) met a mistake in the program itself; `trace` is for the log."""

    title = "Internal Server Error"

    def __init__(self, what: str, trace: str) -> None:
        super().__init__(
            f"A mistake in the program itself stopped the {what}. Nothing was changed, and nothing is lost.",
            "The operator finds what happened in the log of the service.",
        )
        self.trace = trace


class DataFolderError(PlaceError):
    """The data folder cannot be used: not writable, locked, of a newer version, or without a built graph."""

    title = "The graph is not available"

    @classmethod
    def of_other_version(cls, place: Path, version: int, known: int, hint: str) -> Self:
        """Return the error about a file whose schema has another version than the one that is known here."""
        message = "{place} was written by another version of citykg (schema {version}, this one knows {known})."
        return cls(message, hint, place=place, version=version, known=known)


class DamageError(DataFolderError):
    """A read met a damaged file of a store, by the engine's words; checksums find which file."""

    may_be_damage = True

    def __init__(self, place: Path, cause: str) -> None:
        way_out = "The operator: `citykg verify` says what is damaged, `citykg build` makes the store anew."
        super().__init__("The graph cannot be read: {cause}", way_out, place=place, cause=cause)


class DeskError(DataFolderError):
    """The file of tokens and proposals cannot be used: not writable, busy, damaged or of a newer version."""

    title = "Tokens and proposals are not available"


class NotConformingError(CityKgError):
    """The facts do not conform to the shapes; nothing was changed."""
