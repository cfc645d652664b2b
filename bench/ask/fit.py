"""Fit what tells questions that passages answer from others: logistic regression on the questions that are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import exp, inf, sqrt
from typing import NamedTuple
from unittest.mock import patch

from pyoxigraph import Store

from bench import tables
from kg.ask import AskAnswer, ask, of_passages
from kg.ask.answerable import LEAST_OF_ROWS, Signs

_ROUNDS, _RATE, _RIDGE = 2_000, 0.5, 3.0
_BOUNDS = [place / 4 for place in range(2, 13)]
"""Bounds on the logarithm of the odds that passages answer, 62 to 95 in a hundred."""

Verdicts = Callable[[Mapping[str, str], AskAnswer], Iterable[str]]


class _Tried(NamedTuple):
    """The signs of a question that reached its passages, and the verdicts if nothing, rows alone or these answer."""

    signs: Signs | None
    verdicts: tuple[frozenset[str], ...]

    @property
    def is_right(self) -> bool:
        return "right sentence" in self.verdicts[-1]

    def verdict(self, score: float, bound: float) -> frozenset[str]:
        """Return the verdicts by a bound on the log-odds that passages answer."""
        return self.verdicts[(score >= LEAST_OF_ROWS) + (score >= max(bound, LEAST_OF_ROWS))]


def show_fit(store: Store, sets: Mapping[str, Sequence[Mapping[str, str]]], verdicts: Verdicts) -> None:
    """Print what comes of each set by the weights of all others, by bound, and the weights by all sets."""
    tried = {name: [_try(store, row, verdicts) for row in rows] for name, rows in sets.items()}
    scored = {}
    for name, held in tried.items():
        weights, bias = _fit([one for other, rows in tried.items() if other != name for one in rows])
        scored[name] = [(bias + _sum(weights, one.signs) if one.signs else 0.0, one) for one in held]
    every = [one for several in scored.values() for one in several]
    rows = [(f"{bound:.2f}", *(_rates(one, bound) for one in (*scored.values(), every))) for bound in _BOUNDS]
    areas = (f"{_area(one):.3f}" for one in (*scored.values(), every))
    tables.show(("bound: wrong, right sentence", *scored, "all"), [*rows, ("area under the curve", *areas)])
    weights, bias = _fit([one for several in tried.values() for one in several])
    named = ", ".join(f"{name} {weight:.4f}" for name, weight in zip(Signs._fields, weights, strict=True))
    print(f"Weights by all sets: {named}, bias {bias:.2f}.")


def _try(store: Store, row: Mapping[str, str], verdicts: Verdicts) -> _Tried:
    noted: list[Signs] = []
    found = []
    for odds in (-inf, LEAST_OF_ROWS, inf):
        with patch.object(of_passages, "log_odds", return_value=odds) as log_odds:
            found.append(frozenset(verdicts(row, ask(store, row["question"]))))
        noted += (call.args[0] for call in log_odds.call_args_list)
    return _Tried(noted[0] if noted else None, tuple(found))


def _rates(scored: Sequence[tuple[float, _Tried]], bound: float) -> str:
    """Return the shares of questions with a wrong answer and with a right sentence by a bound."""
    found = [one.verdict(score, bound) for score, one in scored]
    answerable = sum("answerable" in one for one in found)
    wrong, right = (sum(verdict in one for one in found) for verdict in ("wrong answer", "right sentence"))
    return f"{wrong / len(found):.1%}, {right / answerable:.1%}"


def _fit(tried: Iterable[_Tried]) -> tuple[list[float], float]:
    """Return the weight of each sign and the bias, by gradient descent with a ridge on signs of unit variance."""
    samples = [(one.signs, one.is_right) for one in tried if one.signs]
    columns = [*zip(*(signs for signs, _ in samples), strict=True)]
    means = [sum(column) / len(column) for column in columns]
    pairs = zip(columns, means, strict=True)
    spreads = [sqrt(sum((value - mean) ** 2 for value in column) / len(column)) or 1.0 for column, mean in pairs]
    scale = [*zip(means, spreads, strict=True)]
    rows = [
        ([(value - mean) / spread for value, (mean, spread) in zip(signs, scale, strict=True)], is_right)
        for signs, is_right in samples
    ]
    weights, bias = [0.0] * len(columns), 0.0
    for _ in range(_ROUNDS):
        slopes, lift = [_RIDGE * weight for weight in weights], 0.0
        for values, is_right in rows:
            error = 1 / (1 + exp(-bias - _sum(weights, values))) - is_right
            slopes = [slope + error * value for slope, value in zip(slopes, values, strict=True)]
            lift += error
        weights = [weight - _RATE * slope / len(rows) for weight, slope in zip(weights, slopes, strict=True)]
        bias -= _RATE * lift / len(rows)
    own = [weight / spread for weight, spread in zip(weights, spreads, strict=True)]
    return own, bias - _sum(own, means)


def _area(scored: Sequence[tuple[float, _Tried]]) -> float:
    """Return how often a question that passages answer stands before one that they do not."""
    scores = {right: [score for score, one in scored if one.signs and one.is_right == right] for right in (False, True)}
    won = sum((yes > no) + (yes == no) / 2 for yes in scores[True] for no in scores[False])
    return won / len(scores[True]) / len(scores[False])


def _sum(weights: Sequence[float], values: Sequence[float]) -> float:
    return sum(weight * value for weight, value in zip(weights, values, strict=True))
