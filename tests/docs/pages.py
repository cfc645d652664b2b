"""Takes Markdown pages apart: their blocks, and the commands of a shell with what each prints.

In a page, an indented block is a shell: lines that begin with `$ ` are commands (a line that ends with `\\` goes on),
the others are what the command before them prints. Every other text that is set apart is fenced and says what it is.
A block that no test can run has a comment `<!-- not run: reason -->` before it.

A line `…` stands for any lines, `…` within a line for any characters. Hashes and instants stand for any others. A
command `cat FILE` also gives the file: it is written before the command runs, unless one is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])

_BLOCK = re.compile(
    r"""
    (?:^<!--\ not\ run:\ (?P<reason>[^>]+)\ -->\n\n?)?
    (?: ^```(?P<language>.*)\n(?P<fenced>(?:.*\n)*?)^```$
    | (?:(?<=\n\n)|(?<=\A))(?P<indented>(?:\ {4}.*\n(?:\n(?=\ {4}))*)+))
    """,
    re.MULTILINE | re.VERBOSE,
)
_HASH = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{12})\b")
_INSTANT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@dataclass(frozen=True)
class Block:
    """A text that is set apart: its language (empty if indented), and why it is not run, empty if it is."""

    text: str
    language: str
    reason: str
    line: int

    @property
    def is_shell(self) -> bool:
        """Whether it is what somebody types in a shell."""
        return not self.language


@dataclass(frozen=True)
class Command:
    """A command of a page, and what it prints there."""

    text: str
    printed: str
    line: int

    @property
    def gives(self) -> tuple[str, str] | None:
        """The file that the command shows, with its text; None if it is another command."""
        found = re.fullmatch(r"cat ([\w.-]+)", self.text)
        return (found[1], self.printed) if found else None

    def prints(self, output: str) -> bool:
        """Whether an output is what the page says."""
        lines = neutral(self.printed).splitlines()
        pattern = "".join(
            r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*?") + r"\n" for line in lines
        )
        return re.fullmatch(pattern, neutral(output)) is not None


def blocks(text: str) -> Iterator[Block]:
    """Return the texts that a page sets apart."""
    for found in _BLOCK.finditer(text):
        indented = found["indented"]
        yield Block(
            found["fenced"] if indented is None else re.sub(r"(?m)^ {4}", "", indented),
            found["language"] or "",
            found["reason"] or "",
            text.count("\n", 0, found.start()) + 1,
        )


def commands(block: Block) -> Iterator[Command]:
    """Return the commands of a block with what they print. Raises ValueError if it begins with something else."""
    if not block.text.startswith("$ "):
        raise ValueError(f"line {block.line}: a block of a shell begins with '$ '")
    for found in re.finditer(r"(?m)^\$ (?P<command>(?:.*\\\n)*.*)\n(?P<printed>(?:(?!\$ ).*\n)*)", block.text):
        line = block.line + block.text.count("\n", 0, found.start())
        yield Command(found["command"], found["printed"], line)


def neutral(text: str) -> str:
    """Return a text with the same hash and the same instant for any other, and no spaces at the end of lines."""
    lines = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
    return _INSTANT.sub("0000-00-00T00:00:00Z", _HASH.sub("0" * 12, lines))
