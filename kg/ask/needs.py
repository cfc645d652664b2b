"""Kinds of answer that a question asks for: a number, a sum of money, a time, a name, a reason, a definition."""

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


class Needs:
    """What the sentences that answer a question must have."""

    def __init__(self, question: str) -> None:
        self._needed = [needed for asked, needed in _NEEDS if asked.search(question)]
        self.is_reason = bool(_WHY.search(question))
        """True if a reason is asked for."""

    def __bool__(self) -> bool:
        return bool(self._needed)

    def are_met_by(self, sentences: Iterable[str]) -> bool:
        """Return True if each thing that is needed is in one of some sentences."""
        texts = [_PLACE.sub("", text) for text in sentences]
        return all(any(map(needed.search, texts)) for needed in self._needed)
