"""Draw the numerals, years and proper names of each passage from the text of the report.

The answer, CSV on standard output, is a draft: every passage was then read, what is no token was struck out,
what was missed was added, and the result is kept by hand in ``tokens.csv``. Run it again to compare, not to
overwrite.

The names it knows by hand stand in ``names.txt``.

usage: python tests/expected/draw_tokens.py REPORT.txt > draft.csv
"""

import argparse
import csv
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent

UNITS = "one two three four five six seven eight nine ten eleven twelve twenty thirty".split()
NUMBER_WORDS = [
    *UNITS,
    *"dozen dozens hundred thousand million millions billion century quarter thirds".split(),
]
WORD = rf"(?:{'|'.join(NUMBER_WORDS)})"
MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"

ADDRESS = re.compile(r"(?:https?://|www\.)[^\s;]+(?:(?<=-)\n[^\s;]+)?(?<![.])")
HEADING = re.compile(r"^ ?\d(?:\.\d)?\.? (?!First|Second|Third|Finally)[A-Z][^.\n]*$", re.M)
LEADING_MARK = re.compile(r"^\d{1,2}\.?\s+(?=\S)")
GLUED_MARK = re.compile(r"(C40|[^\W\d_](?<!C)|(?<!\d)\.|(?<=\d{4})\.|[,”\"’\]])(\d{1,2})(?=[\s.]|$)", re.M)
CROSS_REFERENCE = re.compile(r"(?:Figures?|Table|Box|Map|Section) \d+(?:\.\d+)?(?: and \d+(?:\.\d+)?)?", re.I)
LIST_NUMERAL = re.compile(r"\(\d\)(?=\s\w)")

YEAR = re.compile(rf"(?:{MONTH} )?\b(?:1[89]|20)\d\d(?:s|-(?:19|20)\d\d)?\b|\b\d\dth century")
NUMBER = re.compile(
    rf"\$?\d[\d,]*(?:\.\d+)?(?:[-–]\d+| (?:to|or) \d+)?%?(?: (?:million|billion))?|\b{WORD}(?:[ -]{WORD})*\b",
    re.I,
)
CHINESE = re.compile(r"[\u4e00-\u9fff]+(?:[ :\n—]+[\u4e00-\u9fff]+)*")
CAPITALISED = re.compile(r"(?<=[a-z,;’] )[A-Z][\w’'-]+(?: (?:of |the |and |for )?[A-Z][\w’'-]+)*")


class Token(NamedTuple):
    """One numeral, year or name as the report prints it."""

    kind: str
    text: str


def known_names() -> re.Pattern[str]:
    """Return a pattern for the names kept by hand, the longest first, also in capitals as in table rows."""
    lines = (HERE / "names.txt").read_text(encoding="utf-8").splitlines()
    names = {form for line in lines if line and line[0] != "#" for form in (line, line.upper())}
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    across_lines = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in longest_first)
    return re.compile(rf"\b(?:{across_lines})(?!\w)")


def plain(passage: str, text: str) -> str:
    """Return a passage without its headings, footnote marks, cross-references and list numerals."""
    headings = (HEADING,) if passage.startswith("section-") else ()
    for pattern in (*headings, LEADING_MARK, CROSS_REFERENCE, LIST_NUMERAL):
        text = pattern.sub(" ", text)
    return GLUED_MARK.sub(r"\1", text)


def draw(passage: str, text: str, names: re.Pattern[str]) -> Iterator[Token]:
    """Yield each token of a passage once. What one pattern takes, the later ones no longer see."""
    seen: set[Token] = set()
    patterns = [("name", ADDRESS), ("name", names), ("name", CHINESE)]
    patterns += [("year", YEAR), ("number", NUMBER), ("name", CAPITALISED)]
    for at, (kind, pattern) in enumerate(patterns):
        for match in pattern.finditer(text):
            token = Token(kind, re.sub(r"(?<=-)\s+|\s*\n\s*(?=/)", "", match[0]).replace("\n", " "))
            if token not in seen:
                seen.add(token)
                yield token
        text = pattern.sub(" | ", text)
        if at == 0:
            text = plain(passage, text)


def look_for(token: Token) -> str:
    """Return what to search for: the token, and for a numeral also its plain digits."""
    if token.kind != "number":
        return token.text
    word = token.text.lower()
    digits = str(UNITS.index(word) + 1) if word in UNITS[:12] else re.sub(r"[,$%]| .*", "", token.text)
    return token.text if digits in ("", token.text) else f"{digits}|{token.text}"


def passages(report: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the name and text of each passage, in reading order."""
    with (HERE / "passages.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            spans = [span.split("-") for span in row["lines"].split(";") if span]
            lines = [line for span in spans for line in report[int(span[0]) - 1 : int(span[-1])]]
            yield row["passage"], "\n".join(line.rstrip() for line in lines)


def main() -> None:
    """Write the draft of the token list to standard output."""
    parser = argparse.ArgumentParser(description="Draw the tokens of each passage of the report.")
    parser.add_argument("report", type=Path, help="path of the report's text")
    report = parser.parse_args().report.read_text(encoding="utf-8").splitlines()
    names = known_names()
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["passage", "kind", "token", "look_for", "excuse"])
    for passage, text in passages(report):
        writer.writerows([passage, *token, look_for(token), ""] for token in draw(passage, text, names))


if __name__ == "__main__":
    main()
