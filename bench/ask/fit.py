"""Fit what tells questions that passages answer from others: logistic regression on the questions that are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, sqrt

from pyoxigraph import Store

from kg.ask.answerable import Signs, signs
from kg.ask.of_passages import MOST_PASSAGES
from kg.ask.ranking import rank_passages
from kg.ask.texts import Texts
from kg.ask.understanding import Reader
from kg.names import names_of
from kg.rdf import namespaces as ns

_ROUNDS, _RATE, _RIDGE = 2_000, 0.5, 3.0

_Sample = tuple[tuple[float, ...], bool]


def fitted(store: Store, sets: Sequence[Sequence[Mapping[str, str]]]) -> str:
    """Return the weights by all sets of questions, and how well those by all others order the questions of each."""
    samples = [[_sample(store, row) for row in rows] for rows in sets]
    lines = []
    for place, held in enumerate(samples):
        weights, _ = _fit([one for other, rows in enumerate(samples) if other != place for one in rows])
        lines.append(f"Set {place + 1} by the others: area under the curve {_area(weights, held):.3f}")
    weights, bias = _fit([one for rows in samples for one in rows])
    named = ", ".join(f"{name} {weight:.4f}" for name, weight in zip(Signs._fields, weights, strict=True))
    return "\n".join([*lines, f"Weights: {named}. Even odds at {-bias:.2f}"])


def _sample(store: Store, row: Mapping[str, str]) -> _Sample:
    names = names_of(store)
    with names.index() as index:
        texts = index.part(Texts, store)
        understood = Reader(names, texts).read(row["question"])
        best = rank_passages(texts, understood.terms, len(understood.unknown))[:MOST_PASSAGES]
        right = {ns.PREFIXES["passage"] + name for name in row["passages"].split()}
        return tuple(map(float, signs(understood, best))), any(one.iri in right for one in best)


def _fit(samples: Sequence[_Sample]) -> tuple[list[float], float]:
    """Return the weight of each sign and the bias, by gradient descent with a ridge on signs of unit variance."""
    columns = [*zip(*(values for values, _ in samples), strict=True)]
    means = [sum(column) / len(column) for column in columns]
    pairs = zip(columns, means, strict=True)
    spreads = [sqrt(sum((value - mean) ** 2 for value in column) / len(column)) or 1.0 for column, mean in pairs]
    scale = [*zip(means, spreads, strict=True)]
    rows = [
        ([(value - mean) / spread for value, (mean, spread) in zip(values, scale, strict=True)], is_answered)
        for values, is_answered in samples
    ]
    weights, bias = [0.0] * len(columns), 0.0
    for _ in range(_ROUNDS):
        slopes, lift = [_RIDGE * weight for weight in weights], 0.0
        for values, is_answered in rows:
            error = 1 / (1 + exp(-bias - _sum(weights, values))) - is_answered
            slopes = [slope + error * value for slope, value in zip(slopes, values, strict=True)]
            lift += error
        weights = [weight - _RATE * slope / len(rows) for weight, slope in zip(weights, slopes, strict=True)]
        bias -= _RATE * lift / len(rows)
    own = [weight / spread for weight, spread in zip(weights, spreads, strict=True)]
    return own, bias - _sum(own, means)


def _area(weights: Sequence[float], samples: Sequence[_Sample]) -> float:
    """Return how often a question that is answered stands before one that is not."""
    scores = {is_answered: [_sum(weights, one) for one, of in samples if of == is_answered] for is_answered in (0, 1)}
    return sum((yes > no) + (yes == no) / 2 for yes in scores[1] for no in scores[0]) / len(scores[0]) / len(scores[1])


def _sum(weights: Sequence[float], values: Sequence[float]) -> float:
    return sum(weight * value for weight, value in zip(weights, values, strict=True))
