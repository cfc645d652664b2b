"""What is known of the ties that an answer without rows lacks: denied, complete or open (`what-is-known`)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from kg.queries import Question, find_query
from kg.sparql import Hint
from server.queries import addresses
from server.service import service

_JSON = "application/sparql-results+json"
_OPEN = "Open: no source says that there is none, nor that its list is all."


@dataclass(frozen=True)
class Known:
    """What is known: a sentence, and the address of the question that has it row by row."""

    sentence: str
    address: str

    @classmethod
    def of_empty(cls, asked: Question) -> Known | None:
        """Return what is known where `asked` has no rows; None for a question that is not about the ties of a thing."""
        parts = asked.query.known.items()
        actors = [name for part, name in parts if part in ("actor", "other") and name in asked.values]
        if not actors:
            return None
        found = {name: cls._of_actor(asked, name) for name in actors}
        first = found[actors[0]]
        if len({known.sentence for known in found.values()}) == 1:
            return first
        sentences = (f"{asked.query.parameter(name).label}: {known.sentence}" for name, known in found.items())
        return cls(" ".join(sentences), first.address)

    @classmethod
    def _of_actor(cls, asked: Question, actor: str) -> Known:
        of = asked.query.known
        parts = {"thing": asked.values[actor]}
        if of.get("counterpart") in asked.values:
            parts["other"] = asked.values[of["counterpart"]]
        question = find_query("what-is-known")
        scope = "" if asked.scope == question.scope else asked.scope
        about = Question(question, {"kind": of["kind"], **parts}, other_scope=scope)
        found = json.loads(service.questions.ask(about, _JSON, aside=asked.evidence).read_all())["results"]["bindings"]
        address = addresses.page_address(addresses.document(about))
        return cls(" ".join(dict.fromkeys(map(_sentence, found))), address)

    @property
    def hint(self) -> Hint:
        """The same as a hint on the answer."""
        return Hint(self.sentence, self.address.removeprefix("/"), "known")


def _sentence(row: dict[str, Any]) -> str:
    said = {name: cell["value"] for name, cell in row.items()}
    if "passageLabel" not in said:
        return _OPEN
    when = f", as of {said['asOf']}" if "asOf" in said else ""
    only = f", of {said['standing']} ones only" if "standing" in said else ""
    return f"{said['known'].capitalize()} by {said['passageLabel']}{when}{only}: {said['says']}"
