"""The program of a worker that has an engine answer, started as kg.programs.query is.

It keeps its sockets, to reach the engine; so it evaluates no query itself. It is killed at the deadline as any worker
is, which closes the connection, and its answers have the same limits.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Any

from kg.engines import DIALECTS, Engine
from kg.programs.query import Opened, Sink, main
from kg.rdf import namespaces as ns
from kg.sparql import Hint
from kg.sparql.evaluation import with_columns_in_order

_LONGER = 8
"""How many times as long as an answer may be it may come: JSON repeats the names of the columns in each row."""


class _Asked(Opened):
    """A snapshot, for hints; an engine that holds the same gives the answers."""

    def answer(self, asked: dict[str, Any], sink: Sink) -> list[Hint]:
        """Write the answer of the engine; return what may be amiss with the query."""
        text = with_columns_in_order(asked["query"])
        # ours need no declaration here; those alone that may occur, since some engines take long to read all
        named = (f"PREFIX {prefix}: <{iri}> " for prefix, iri in ns.PREFIXES.items() if f"{prefix}:" in text)
        text = "".join(named) + text
        most = asked["result_bytes"] * _LONGER
        engine = _engine(**asked["engine"])
        with engine.evaluate(text, asked["form"], seconds=asked["seconds"], most_bytes=most) as answer:
            self.write(answer, asked, sink)
        return self.hints(asked, sink.found)


@lru_cache(maxsize=4)
def _engine(address: str, user: str, password: str, dialect: str) -> Engine:
    return Engine(address, user=user, password=password, dialect=DIALECTS[dialect])


if __name__ == "__main__":
    sys.exit(main(_Asked, sockets=True))
