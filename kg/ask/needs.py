"""Kinds of answer that a question asks for: a number, a time, a name, a thing of a kind, a reason, a definition."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kg.ask.wordings import wordings

_ASKS = re.compile(
    r"[?？吗哪谁几]|什么|多少|如何|怎|为何|是否|有没有|"
    r"\b(who|what|which|when|where|why|how|is|are|was|were|do|does|did|has|have|can|should)\b",
    re.IGNORECASE,
)
_WHY = re.compile(r"^why\b|为什么|为何", re.IGNORECASE)
_PLACE = re.compile(r"\b(Table|Figure|Box|Section|paragraph|footnote|RUSI) \d[\d.]*", re.IGNORECASE)
"""Where a text stands: such a number counts and dates nothing."""
_WHICH = (
    r"\b(which|what|name of the|name the)( (?!is\b|was\b|are\b|were\b|do\b|does\b|did\b|of\b)[\w-]+){0,2} (%s)\b"
    r"|哪[些个][^，。？]{0,4}(%s)"
)
_NAME = re.compile(r"(?:[A-Z0-9(&“][^ ]*|of|the|for|and|in|on|to|de|upon| )+")
"""A name: each longer word of it begins with a capital, as those of a description do not."""


class Needs:
    """What the sentences that answer a question must have."""

    def __init__(self, question: str) -> None:
        self._needed = [has for asked, has in wordings().needs if asked.search(question)]
        kinds = wordings().kinds
        found = (kinds[one] for one in kinds if re.search(_WHICH % (one, one), question, re.IGNORECASE))
        self._kinds = [*found][:1]
        self.is_topic = not _ASKS.search(question)
        """True if a text asks nothing and only says what it is on: whatever is said of that answers it."""
        self.is_reason = bool(_WHY.search(question))
        """True if a reason is asked for."""

    def __len__(self) -> int:
        return len(self._needed) + len(self._kinds)

    def met_by(self, text: str, names: Iterable[tuple[str, str]] = ()) -> frozenset[int]:
        """Return which of the things that are needed a sentence has; `names` are of what it adds, by kind."""
        text = _PLACE.sub("", text)
        met = {place for place, needed in enumerate(self._needed) if needed.search(text)}
        named = {kind for kind, name in names if _NAME.fullmatch(name)}
        met |= {len(self._needed) + place for place, kinds in enumerate(self._kinds) if not named.isdisjoint(kinds)}
        return frozenset(met)

    def are_met_by(self, sentences: Iterable[str]) -> bool:
        """Return True if what is needed, but for a thing of a kind, is in some sentences."""
        met = frozenset[int]().union(*map(self.met_by, sentences))
        return met >= {*range(len(self._needed))}
