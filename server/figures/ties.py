"""Twinnings as drawings need them: whom they join, who states them and who denies them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter

from kg.rdf.passages import work_of_passage

TABLE = "table"


@dataclass(frozen=True)
class TwinningSource:
    """A passage, or another source: its name, where it leads, its kind (empty for another source), its place.

    `work` is the short name of its work, where there are several.
    """

    iri: str
    name: str
    href: str
    kind: str = ""
    order: int | None = None
    work: str = ""

    @property
    def place(self) -> tuple[bool, str, int, str]:
        """Its place in the order: passages in reading order, work by work, then other sources by name."""
        return self.order is None, work_of_passage(self.iri), self.order or 0, self.name

    @property
    def is_in_first_work(self) -> bool:
        """True of a passage of the first work."""
        return self.order is not None and not work_of_passage(self.iri)


@dataclass(frozen=True)
class TwinPlace:
    """A party: its name, where it leads, the state in which it lies, and its longitude and latitude if known."""

    iri: str
    name: str
    href: str
    state: str = ""
    state_name: str = ""
    position: tuple[float, float] | None = None


@dataclass(frozen=True)
class Twinning:
    """A twinning: its two parties, who states it, who denies it and who only implies it, each in reading order.

    `status` is what those who state it say of it where that is not that it is current: planned, former.
    """

    iri: str
    href: str
    one: TwinPlace
    other: TwinPlace
    stated: tuple[TwinningSource, ...]
    denied: tuple[TwinningSource, ...] = ()
    implied: tuple[TwinningSource, ...] = ()
    status: str = ""

    @property
    def name(self) -> str:
        """The names of the parties."""
        return f"{self.one.name} – {self.other.name}"

    @property
    def tables(self) -> tuple[TwinningSource, ...]:
        """Those who state it that are tables of the first work."""
        return tuple(source for source in self.stated if source.kind == TABLE and source.is_in_first_work)

    def voices(self) -> str:
        """Say in words who states it and who denies it."""
        denied = f"; denied by {_enumerate_names(self.denied)}" if self.denied else ""
        status = f"{self.status}; " if self.status else ""
        return f"{status}stated by {_enumerate_names(self.stated)}{denied}"

    def with_other_in(self, home: str) -> Twinning:
        """Return it with the party that lies in a state as the other one, where exactly one of them does."""
        if self.one.state == home != self.other.state:
            return replace(self, one=self.other, other=self.one)
        return self


@dataclass(frozen=True)
class Style:
    """The look of the line of a twinning, by a class of the style sheet, and what that means."""

    css: str
    meaning: str


def styles(twinnings: Iterable[Twinning]) -> dict[str, Style]:
    """Return how to draw each twinning, by its IRI: by the tables that state it, else by who else does.

    The first three tables in reading order have a style each, two tables together another.
    """
    drawn = list(twinnings)
    tables = sorted({table for twinning in drawn for table in twinning.tables}, key=attrgetter("place"))
    of_table = dict(zip(tables, ("first", "second", "third", *["third"] * len(tables)), strict=False))
    return {twinning.iri: _style(twinning, of_table) for twinning in drawn}


def line_css(twinning: Twinning, of: Mapping[str, Style]) -> str:
    """Return the classes of the line of a twinning: of its look, and in red if a source denies it."""
    return of[twinning.iri].css + (" oppose" if twinning.denied else "")


def legend(twinnings: Iterable[Twinning], of: dict[str, Style]) -> list[Style]:
    """Return the styles that are used, in the order of their rank; those of one look together."""
    ranks = ("agree", "first", "second", "third", "text", "source")
    used = sorted({of[twinning.iri] for twinning in twinnings}, key=lambda s: (ranks.index(s.css), s.meaning))
    groups = groupby(used, key=attrgetter("css"))
    return [Style(css, ", or ".join(style.meaning for style in group)) for css, group in groups]


def _style(twinning: Twinning, of_table: dict[TwinningSource, str]) -> Style:
    if len(twinning.tables) > 1:
        return Style("agree", f"{_enumerate_names(twinning.tables)} agree")
    if twinning.tables:
        return Style(of_table[twinning.tables[0]], twinning.tables[0].name)
    first = next((source for source in twinning.stated if source.is_in_first_work), None)
    if first:
        return Style("text", f"the text of {first.work} alone" if first.work else "the text alone")
    return Style("source", next((source.work for source in twinning.stated if source.work), "another source"))


def _enumerate_names(sources: Sequence[TwinningSource]) -> str:
    names = [source.name for source in sources]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
