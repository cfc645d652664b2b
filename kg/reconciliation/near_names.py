"""What is called nearly as a row calls it, so that a slip of the pen makes nothing new unseen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from itertools import chain

from kg.names import Names, idle_words_left_out
from kg.rdf import namespaces as ns

_ALIKE = 0.75
_MOST_COMPARED = 30
"""Names that are compared letter by letter: those that have most groups of three letters in common with the one."""
_LEAST_BEGUN = 5
"""Letters of a name that another one begins with: Newcastle and Newcastle upon Tyne.

It is at least half of that: nobody means the London Borough of Bexley by London."""


class NearNames:
    """The names of things of some kinds, by the groups of three letters in them."""

    def __init__(self, names: Names, kinds: Collection[str]) -> None:
        self._things: dict[str, set[str]] = defaultdict(set)
        self._with: dict[str, list[str]] = defaultdict(list)
        self._found: dict[str, Sequence[str]] = {}
        for name, thing in names.all():
            if ns.kind_of(thing) in kinds:
                self._things[name].add(thing)
        for name in self._things:
            for letters in _threes(name):
                self._with[letters].append(name)

    def find(self, text: str) -> Sequence[str]:
        """Return the IRIs of things that are called nearly so, the likest first."""
        wanted = idle_words_left_out(text)
        if (found := self._found.get(wanted)) is None:
            things = (thing for name in self._alike(wanted) for thing in sorted(self._things[name]))
            found = self._found[wanted] = tuple(dict.fromkeys(things))
        return found

    def _alike(self, wanted: str) -> list[str]:
        shared = Counter(chain.from_iterable(self._with.get(letters, ()) for letters in _threes(wanted)))
        compared = [name for name, _ in shared.most_common(_MOST_COMPARED)]
        alike = get_close_matches(wanted, compared, _MOST_COMPARED, _ALIKE)
        return list(dict.fromkeys((*alike, *(name for name in compared if _begins(*sorted((name, wanted), key=len))))))


def _begins(short: str, long: str) -> bool:
    return long.startswith(short) and len(short) >= max(_LEAST_BEGUN, len(long) / 2)


def _threes(name: str) -> set[str]:
    padded = f" {name} "
    return {padded[at : at + 3] for at in range(len(padded) - 2)}
