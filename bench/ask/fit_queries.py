"""Fit which canned query a question asks: a conditional logit on the questions of which it is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import Store

from kg.ask.fitting import Candidate, Fitting, Signs
from kg.ask.ranking import rank_passages
from kg.ask.taking import Taking
from kg.ask.texts import Texts
from kg.ask.understanding import Reader
from kg.names import names_of

_ROUNDS, _RATE, _RIDGE = 3_000, 0.02, 8.0
_FIRST = 3

Fits = Callable[[str, Candidate], bool]
"""Whether a canned query with values fits a question."""
KnownSet = tuple[Sequence[str], AbstractContextManager[object]]
"""Questions, and the context in which kg.ask does not know what fits them."""
_Floats = NDArray[np.float64]
_Sample = tuple[_Floats, NDArray[np.bool_]]
"""The signs of all that may fit a question, and which of these do."""


def fitted_queries(store: Store, sets: Iterable[KnownSet], fits: Fits) -> str:
    """Return the weights by all sets of questions, and how many of each fit among the first by those of the others.

    Each set is asked in a context in which its questions are not known.
    """
    samples = []
    for questions, others in sets:
        with others:
            samples.append([_sample(store, question, fits) for question in questions])
    every = np.vstack([signs for of in samples for signs, _ in of])
    spread = every.std(0) + 1e-9
    lines = []
    for place, held in enumerate(samples if len(samples) > 1 else ()):
        weights = _fit([one for other, of in enumerate(samples) if other != place for one in of], spread)
        lines.append(f"Fitting questions of set {place + 1} by the others: {_hits(weights, held)} of {len(held)}")
    weights = _fit([one for of in samples for one in of], spread)
    named = ", ".join(f"{name} {weight:.3f}" for name, weight in zip(Signs._fields, weights, strict=True))
    return "\n".join([*lines, f"Weights of fitting questions: {named}"])


def _sample(store: Store, question: str, fits: Fits) -> _Sample:
    names = names_of(store)
    with names.index() as index:
        texts = index.part(Texts, store)
        understood = Reader(names, texts).read(question)
        ranked = rank_passages(texts, understood.terms, len(understood.unknown), alike=understood.alike)
        found = Fitting(store, texts, understood, ranked, Taking(store, understood)).signs()
    return np.array([*found.values()], dtype=float), np.array([fits(question, one) for one in found])


def _fit(samples: Iterable[_Sample], spread: _Floats) -> _Floats:
    """Return the weights that make what fits likeliest, by gradient ascent with a ridge on signs of unit variance."""
    known = [(signs / spread, right) for signs, right in samples if right.any()]
    weights = np.zeros(len(spread))
    for _ in range(_ROUNDS):
        slope = -_RIDGE * weights
        for signs, right in known:
            odds = np.exp((sums := signs @ weights) - sums.max())
            slope += signs.T @ (odds * right / (odds @ right) - odds / odds.sum())
        weights = weights + _RATE / len(known) * slope
    return np.asarray(weights / spread)


def _hits(weights: _Floats, samples: Iterable[_Sample]) -> int:
    return sum(bool(right[np.argsort(-(signs @ weights), kind="stable")[:_FIRST]].any()) for signs, right in samples)
