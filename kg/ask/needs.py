"""Kinds of answer that a question asks for: a number, a time, a name, a thing of a kind, a reason, a definition."""

from __future__ import annotations

import re
from collections.abc import Iterable
from re import IGNORECASE

_WHY = re.compile(r"^why\b|为什么|为何", IGNORECASE)
_NEEDS = (
    (
        re.compile(
            r"\bhow much\b.*\b(costs?|pays?|paid|spends?|spent|worth)\b|\bhow many (pounds|dollars|euros|yuan)\b"
            r"|\bwhat (is|was|are|were)\b.*\bworth\b"
            r"|多少(钱|英镑|美元|欧元)",
            IGNORECASE,
        ),
        re.compile(r"[£$€] ?\d|\b(pounds|dollars|euros|yuan)\b", IGNORECASE),
    ),
    (
        re.compile(
            r"\bhow (many|much|big|large)\b|\b(number|share|percentage|proportion) of\b|\bpopulation\b|\brate of\b"
            r"|多少|几个|人口",
            IGNORECASE,
        ),
        re.compile(
            r"(?<![\w.-])(?!(1[89]|20)\d\d\b)[£$€]?\d|\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
            r"|half|thirds?|dozens|hundreds|thousands|none|all)\b",
            IGNORECASE,
        ),
    ),
    (
        re.compile(r"\b(when|year|date)\b|哪年|哪一年|何时|什么时候", IGNORECASE),
        re.compile(r"\b(1\d|20)\d\d|\bcentur|\bdecade|\bages?\b", IGNORECASE),
    ),
    (
        re.compile(r"^who\b|\b(and|by|to) whom?\b|谁", IGNORECASE),
        re.compile(r"\b[A-Z][\w'’-]+ ((of|for|the|van|der|and|de|on) )*[A-Z][\w'’-]+|\b[A-Z]{3,}\b|\binterviewee"),
    ),
    (
        _WHY,
        re.compile(
            r"\b(because|since|as|so that|in order|owing|due to|reasons?|after|caus|motiv|purpose|aim|help|serv|led to"
            r"|leads? to|concern|pressure|lobb|allow|enabl|want|need|hope|wish|prefer|only|too|refus|reject|turned down"
            r"|rather than|control|depend)",
            IGNORECASE,
        ),
    ),
    (
        re.compile(r"\bdefin|定义", IGNORECASE),
        re.compile(r"\bdefin|\bmean(s|ing)\b|\bunderst(and|ood)\b|\bterm\b", IGNORECASE),
    ),
)
"""What questions ask for, and what sentences that answer have, such as money, a number, a time, a name, a reason."""
_PLACE = re.compile(r"\b(Table|Figure|Box|Section|paragraph|footnote|RUSI) \d[\d.]*", IGNORECASE)
"""Where a text stands: such a number counts and dates nothing."""
_KINDS = {
    "cit(y|ies)|towns?|城市": ("city", "district", "polity"),
    "councils?|authorit(y|ies)": ("city", "district", "region", "organisation"),
    "networks?|网络": ("network", "organisation"),
    "countr(y|ies)|国家": ("country", "nation"),
    "organisations?|bod(y|ies)|institut(e|ion)s?|agenc(y|ies)|associations?|机构": ("organisation", "network"),
    "scholar|academic|author|officer|ambassador|学者": ("person",),
}
"""Words for kinds of things that have names, and these kinds."""
_WHICH = (
    r"\b(which|what|name of the|name the)( (?!is\b|was\b|are\b|were\b|do\b|does\b|did\b|of\b)[\w-]+){0,2} (%s)\b"
    r"|哪[些个][^，。？]{0,4}(%s)"
)
_NAME = re.compile(r"(?:[A-Z0-9(&“][^ ]*|of|the|for|and|in|on|to|de|upon| )+")
"""A name: each longer word of it begins with a capital, as those of a description do not."""


class Needs:
    """What the sentences that answer a question must have."""

    def __init__(self, question: str) -> None:
        self._needed = [needed for asked, needed in _NEEDS if asked.search(question)]
        found = (kinds for words, kinds in _KINDS.items() if re.search(_WHICH % (words, words), question, IGNORECASE))
        self._kinds = [*found][:1]
        self.is_reason = bool(_WHY.search(question))
        """True if a reason is asked for."""

    def __bool__(self) -> bool:
        return bool(self._needed or self._kinds)

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

    def are_met(self, met: Iterable[frozenset[int]]) -> bool:
        """Return True if each thing that is needed is in one of some sentences."""
        return len(frozenset[int]().union(*met)) == len(self._needed) + len(self._kinds)
