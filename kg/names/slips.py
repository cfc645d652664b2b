"""Find names that differ by one slip, by look-ups: two names do if, and only if, they share a key.

Two names in plain form differ by a slip if one has:

- a letter too many or too few, where the shorter has at least five letters: Shefield and Sheffield;
- another letter, or two neighbours exchanged, where both have at least ten: Guangzhou-shi and Guangzhuo-shi.

A changed digit makes another name (Zone 1 and Zone 2), and so does a slip in a shorter name: Nanjing is not Nanning.
Names of more than `LONGEST_COMPARED` letters, such as titles, are not compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

LONGEST_COMPARED = 60
"""Most letters of a name that is compared."""
_LEAST, _LEAST_CHANGED = 5, 10


class SlipFilter:
    """A filter for names that may differ by a slip from some wanted names; most names are dropped without keys.

    A slip lies in one half of a name, so two such names have the other half in common.
    """

    def __init__(self, wanted: Iterable[str]) -> None:
        self._asked = {name for name in wanted if _LEAST <= len(name) <= LONGEST_COMPARED}
        self._owners: dict[str, str | None] = {}
        self._live: set[str] = set()
        for name in self._asked:
            for half in _halves_of_similar(name):
                if self._owners.setdefault(half, name) != name:
                    self._owners[half] = None

    def may_match(self, name: str) -> bool:
        """Return True if a name shares a half with another wanted name; each name must be tried once."""
        shared = [half for half in _halves(name, len(name)) if self._owners.get(half, name) != name]
        self._live.update(shared)
        return bool(shared)

    def with_candidates(self) -> set[str]:
        """Return the wanted names that share a half with a name that was tried."""
        return {name for name in self._asked if not self._live.isdisjoint(_halves_of_similar(name))}


class NamesByHalf:
    """Names by their halves, to find those that may differ by a slip without looking at the others."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = {}

    def add(self, name: str) -> None:
        """Add a name, which must not be there yet."""
        for half in self._of(name):
            self._names.setdefault(half, []).append(name)

    def remove(self, name: str) -> None:
        """Remove a name, which must be there."""
        for half in self._of(name):
            self._names[half].remove(name)
            if not self._names[half]:
                del self._names[half]

    def similar(self, name: str) -> set[str]:
        """Return the other names that share a half with a given one, as `SlipFilter.may_match` says of each."""
        if not _LEAST <= len(name) <= LONGEST_COMPARED:
            return set()
        return {other for half in _halves_of_similar(name) for other in self._names.get(half, ())} - {name}

    @staticmethod
    def _of(name: str) -> Iterable[str]:
        return _halves(name, len(name)) if _LEAST - 1 <= len(name) <= LONGEST_COMPARED + 1 else ()


def slip_keys(name: str) -> Iterator[tuple[str, str]]:
    """Yield pairs of keys of a name in plain form: one to store it under, and one to look up others by.

    In most pairs the two are equal; but a name with an extra letter must be found by the one without it, and the other
    way round.
    """
    if len(name) > LONGEST_COMPARED or not any(map(str.isalnum, name)):
        return
    letters = [place for place, char in enumerate(name) if not char.isdigit()]
    if len(name) >= _LEAST:
        yield f"{name}+", f"{name}-"
    if len(name) > _LEAST:
        for left_out in {name[:place] + name[place + 1 :] for place in letters}:
            yield f"{left_out}-", f"{left_out}+"
    if len(name) >= _LEAST_CHANGED:
        for place in letters:
            changed = f"{name[:place]}?{name[place + 1 :]}"
            yield changed, changed
            one, two = sorted(name[place : place + 2].ljust(2, "?"))
            if "?" != one != two and not (one.isdigit() or two.isdigit()):
                exchanged = f"{name[:place]}?{one}{two}?{name[place + 2 :]}"
                yield exchanged, exchanged


def _halves_of_similar(name: str) -> list[str]:
    return [half for length in range(len(name) - 1, len(name) + 2) for half in _halves(name, length)]


def _halves(name: str, length: int) -> tuple[str, str]:
    """Return two halves of a name, one of which it shares with each name of a length that differs by a slip."""
    count = max(1, (length - 2) // 2)
    return f"{length}{name[:count]}-", f"{length}-{name[-count:]}"
