"""Names most like one that nothing has: those with most groups of letters in common, and of these the likest.

How alike two names are is difflib's ratio. To compare a name with all others would take a second in a large graph.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from heapq import nlargest
from itertools import chain

ALIKE = 0.75
"""Least ratio of two names that are alike; Seoul and São Paulo have 0.6."""
_MOST_COMPARED = 30
_ONE_IN = 4
"""A name is compared if it shares more than one in so many of the groups."""
_LEAST_BEGUN = 5
"""Letters of a name that another one begins with: Newcastle and Newcastle upon Tyne.

It is at least half of that: nobody means the London Borough of Bexley by London."""
_PAIRS, _THREES = 2, 3
_LONGEST_BY_PAIRS, _LONGEST_IN_PAIRS = 6, 12
"""Letters of the longest name that is looked up by pairs of letters, and of the longest that is found so: with a slip
in a short name it may have no three letters in common with what was meant."""


class SimilarNames:
    """Names, each of some kinds, by the groups of letters in them."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._having: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))

    def add(self, kind: str, name: str) -> None:
        """Add a name of a thing of a kind; others may have it, too."""
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
        """Return names like one, the likest first, then those of which one begins with the other.

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
    """Return the names that share most groups of letters with one, of those that share so many."""
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
