"""Answers to canned questions before and after a change."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, TypedDict, cast

from pyoxigraph import QuerySolutions, Store

from kg.queries import Question
from kg.readings import Reading
from kg.sparql.evaluation import run


class AnswerChange(TypedDict):
    """The numbers of rows of an answer before and after a change, and of those that come and go."""

    before: int
    after: int
    new: int
    gone: int


@Reading
def answer_changes(
    store: Store, changed: str, described: Sequence[Mapping[str, Any]], seconds: float, processor_seconds: float = inf
) -> list[AnswerChange]:
    """Return for each question (`Question.as_json`) how its answer differs in a store at the path `changed`.

    Those for which no time is left, or no time of the processor, are not compared, so that the list ends before.
    """
    texts = [Question.from_json(one).runnable_text() for one in described]  # before the clock: the first reads them all
    after = Store.read_only(changed)
    until, enough = time.monotonic() + seconds, time.process_time() + processor_seconds
    compared: list[AnswerChange] = []

    def is_late() -> bool:
        return time.monotonic() > until or time.process_time() > enough

    for text in texts:
        if is_late():
            break
        rows = _rows(store, text)
        if is_late():
            break
        now = _rows(after, text)
        new, gone = (now - rows).total(), (rows - now).total()
        compared.append(AnswerChange(before=rows.total(), after=now.total(), new=new, gone=gone))
    return compared


def _rows(store: Store, text: str) -> Counter[tuple[str, ...]]:
    return Counter(tuple(map(str, row)) for row in cast(QuerySolutions, run(store, text)))
