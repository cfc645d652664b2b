"""Find the names most similar to a given one: those that share most n-grams of letters, ranked by similarity.

The similarity of two names is difflib's ratio. Comparing a name with all others would take a second in a large graph.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from heapq import nlargest
from itertools import chain

ALIKE = 0.75
"""Least ratio of two similar names; Seoul and São Paulo have 0.6."""
_MOST_COMPARED = 30
_ONE_IN = 4
"""A name is compared if it shares more than one in so many of the n-grams."""
_LEAST_BEGUN = 5
"""Least letters of a name with which another one begins: Newcastle and Newcastle upon Tyne.

It must also be at least half of the other: London does not mean the London Borough of Bexley."""
_PAIRS, _THREES = 2, 3
_LONGEST_BY_PAIRS, _LONGEST_IN_PAIRS = 6, 12
"""Most letters of a name that is looked up by pairs of letters, and of one that is found by them: a short name with a
slip may have no three letters in common with the right one."""


class SimilarNames:
    """Names, by the kinds of their things and by their n-grams of letters."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._having: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))

    def add(self, kind: str, name: str) -> None:
        """Add a name of a thing of a kind; other things may have it, too."""
        self._counts[kind, name] += 1
        if self._counts[kind, name] == 1:
            for letters in _groups_of(name):
                self._having[kind][letters].append(name)

    def remove(self, kind: str, name: str) -> None:
        """Remove a name of a thing."""
        self._counts[kind, name] -= 1
        if not self._counts[kind, name]:
            del self._counts[kind, name]
            for letters in _groups_of(name):
                self._having[kind][letters].remove(name)

    def find(self, wanted: str, kinds: Iterable[str] | None, fits: Callable[[str], object] | None) -> list[str]:
        """Return names similar to a given one, most similar first, then those of which one begins with the other.

        They are of some kinds, or of any, and fit.
        """
        groups = _groups(wanted, _PAIRS if len(wanted) <= _LONGEST_BY_PAIRS else _THREES)
        compared: set[str] = set()
        for kind in self._having if kinds is None else kinds:
            having = self._having.get(kind, {})
            shared = Counter(chain.from_iterable(having.get(letters, ()) for letters in groups))
            likely = {name: count for name, count in shared.items() if count * _ONE_IN > len(groups)}
            if fits is not None:
                likely = {name: count for name, count in likely.items() if fits(name)}
            compared.update(_most_like(wanted, likely))
        alike = get_close_matches(wanted, compared, _MOST_COMPARED, ALIKE)
        begun = sorted(name for name in compared if _begins(*sorted((name, wanted), key=len)))
        return list(dict.fromkeys((*alike, *begun)))


def _most_like(wanted: str, shared: Mapping[str, int]) -> list[str]:
    """Return the names that share most n-grams with the wanted one; `shared` has the number for each."""
    least = min(nlargest(_MOST_COMPARED, shared.values()), default=0)
    most = [name for name, count in shared.items() if count >= least]
    most.sort(key=lambda name: (-shared[name], abs(len(name) - len(wanted)), name))
    return most[:_MOST_COMPARED]


def _begins(short: str, long: str) -> bool:
    return long.startswith(short) and len(short) >= max(_LEAST_BEGUN, len(long) / 2)


def _groups_of(name: str) -> set[str]:
    pairs = _groups(name, _PAIRS) if len(name) <= _LONGEST_IN_PAIRS else set()
    return pairs | _groups(name, _THREES)


def _groups(name: str, size: int) -> set[str]:
    padded = f" {name} "
    return {padded[at : at + size] for at in range(len(padded) - size + 1)}
