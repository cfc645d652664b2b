"""The program of a worker that also says of each row of an answer who says so, started as kg.programs.query is.

It is a program of its own since it knows the rules of inference (kg.rules), which the library for them makes heavy.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import Any

from pyoxigraph import QueryResultsFormat, parse_query_results

from kg.evidence import Gap, Sources
from kg.programs.query import Opened, Sink, dataset_of, main, write
from kg.publish.questions import names_in
from kg.rdf import namespaces as ns
from kg.rdf.rows import Rows
from kg.sparql import Hint, KnownTerms

_ABOUT = ns.BASE + "docs/evidence"


class _Attested(Opened):
    """A snapshot of which is known who says what."""

    def __init__(self, path: str, most_quads: int) -> None:
        super().__init__(path, most_quads)
        self._sources = Sources(self.store, self.unions)

    def answer(self, asked: dict[str, Any], sink: Sink) -> list[Hint]:
        """Write the answer to a SELECT with who says so; return what is amiss, and the parts that have no evidence."""
        found, undefined = self._sources.evidence(asked["query"], dataset_of(asked), asked["shown"] or asked["rows"])
        self.objections = found.objections
        if asked["shown"] is not None:
            called = names_in(self.store, Rows.of_results(found.answer), asked.get("lists", ()), found.iris)
            sink.write(json.dumps(replace(found, called=called).as_json(), ensure_ascii=False).encode())
        else:
            sink.check_rows(len(found.rows) + found.more)
            write(parse_query_results(found.with_columns(), QueryResultsFormat.JSON), asked["media_type"], sink)
        gaps = [Hint(Gap.in_one_line(found.gaps), _ABOUT, "evidence")] if found.gaps else []
        return [*self.hints(asked, bool(found.rows)), *KnownTerms.on_undefined(undefined), *gaps]


if __name__ == "__main__":
    sys.exit(main(_Attested))
