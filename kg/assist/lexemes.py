"""The tokens of a query as its grammar has them: numbers in one, and no dot at the end of a name.

They are those of kg.sparql.text, which reads a text without regard to the place of each token.
"""

from __future__ import annotations

from collections.abc import Iterator

from kg.sparql.text import Scanner, Token, tokens


def lexemes(text: str) -> Iterator[Token]:
    """Yield the tokens of a text, also of one that is unfinished or broken; those of a number have the kind number."""
    behind_number = 0
    for token in tokens(text):
        if token.start < behind_number:
            continue
        if token.kind == "other" and (token.text.isdigit() or token.text == "."):
            number = Scanner.number_at(text, token.start)
            if number is not None:
                behind_number = number.end
                yield number
                continue
        if token.kind == "name" and token.text.endswith("."):
            name = token.text.rstrip(".")
            dot = token.start + len(name)
            yield Token("name", name, token.start, dot)
            for place in range(dot, token.end):
                yield Token("other", ".", place, place + 1)
            continue
        yield token
