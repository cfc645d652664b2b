"""Values of questions that the graph does not know and the gazetteer does, each with the sentence that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from kg.publish.gazetteer_names import values_by_gazetteer
from kg.queries import Question
from kg.sparql import Hint
from server.service import service


@dataclass(frozen=True)
class NamedByGazetteer:
    """A question whose values fit, and hints on those that the gazetteer has given."""

    question: Question
    hints: Sequence[Hint]

    @classmethod
    def of(cls, asked: Question) -> NamedByGazetteer | None:
        """Return a question with the things that its values name by the gazetteer; None if it names none."""
        path = service.gazetteer_path()
        found = service.workers.read(values_by_gazetteer, asked.rows().as_json(), path) if path else {}
        if not found:
            return None
        values = {name: one["value"] for name, one in found.items()}
        hints = [
            Hint(one["ground"], f"search?{urlencode({'q': asked.values[name]})}", "gazetteer")
            for name, one in found.items()
        ]
        return cls(replace(asked, values={**asked.values, **values}), hints)
