"""Check the names in a submission: they are readable, and sources do not take names of the files.

Tables of answers list sources by their labels, separated by semicolons. A curator's source with the label of a passage,
or with a semicolon in its label, would be taken for a work that says nothing of the kind.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Quad

from kg.findings import Finding
from kg.messages import bilingual
from kg.rdf import namespaces as ns
from kg.rdf.labels import LABELS, NAMES
from kg.rdf.vocabulary import CD, DCTERMS, RDF
from kg.submissions.checks.graph_after import ChangedQuad, GraphAfterChange

NAMING = frozenset({*NAMES, *LABELS, DCTERMS.title})
"""The properties of names, as shown in lists or on the page of a thing."""
MOST_LETTERS = 500
"""Most characters of a name."""
_JOINERS = "\u200c\u200d"
_SCRIPTS_WITH_JOINERS = frozenset(
    (
        *("ARABIC", "SYRIAC", "NKO", "MONGOLIAN", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL"),
        *("TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "KHMER", "MYANMAR", "TIBETAN", "BALINESE", "JAVANESE"),
    )
)
"""Scripts in which a joiner or non-joiner makes another word, by the first word in the names of their letters."""

_Found = Iterator[tuple[Quad, Finding]]


def check_naming(after: GraphAfterChange) -> _Found:
    """Yield a finding for each name that is not allowed, with its quad."""
    given = [
        statement for statement in after.added if statement.predicate in NAMING and isinstance(statement.value, Literal)
    ]
    for statement in given:
        if (finding := _readability_finding(statement)) is not None:
            yield statement.quad, finding
    sources = after.classes_below(CD.Source, CD.Passage)
    typed = {
        statement.subject: statement
        for statement in after.added
        if statement.predicate == RDF.type and statement.value in sources
    }
    after.prefetch((thing, predicate) for thing in typed for predicate in NAMING)
    for thing, statement in typed.items():
        naming = {(statement.predicate, statement.value): statement for statement in after.additions_about(thing)}
        for predicate in sorted(NAMING, key=str):
            for name in sorted(after.objects(thing, predicate), key=str):
                if isinstance(name, Literal):
                    yield from _source_name_findings(
                        after, naming.get((predicate, name), statement), predicate, name.value
                    )
    for statement in given:
        if statement.subject not in typed and after.is_instance(statement.subject, sources):
            yield from _source_name_findings(after, statement, statement.predicate, statement.value.value)
        elif statement.predicate == DCTERMS.title:  # on an account: the title of what it describes
            described = after.objects(statement.subject, CD.accountOf)
            yield from _source_name_findings(
                after, statement, statement.predicate, statement.value.value, frozenset(described)
            )


def _source_name_findings(
    after: GraphAfterChange,
    statement: ChangedQuad,
    predicate: NamedNode,
    name: str,
    described: frozenset[object] = frozenset(),
) -> _Found:
    """Yield a finding if a name of a source is one of the files, and of another thing, or cannot be listed."""
    parts = name.split(";")
    for part in parts:
        for other in map(NamedNode, after.names.with_title(part)):
            if other != statement.subject and other not in described and after.is_of_files(other):
                words = bilingual("{other} has this name already, in the files.", other=after.display_name(other))
                hint = "Call a source of your own by who made it and what it is, such as: List of the council of York."
                yield statement.quad, _finding(statement.subject, predicate, name, words, hint)
                return
    if len(parts) > 1 and predicate in LABELS:
        words = bilingual("The label of a source cannot contain a semicolon, which separates sources in lists.")
        yield statement.quad, _finding(statement.subject, predicate, name, words, "Write a comma or a colon.")


def _readability_finding(statement: ChangedQuad) -> Finding | None:
    """Return the finding that a name is too long, or has invisible characters."""
    name = statement.value.value
    if len(name) > MOST_LETTERS:
        words = bilingual("A name of {count:,} characters is too long.", count=len(name))
        hint = f"A name has at most {MOST_LETTERS}; what is to be said beyond goes into a note, such as skos:note."
        return _finding(statement.subject, statement.predicate, f"{name[:40]}…", words, hint)
    unseen = next((at for at, char in enumerate(name) if _is_invisible(name, at, char)), None)
    if unseen is None:
        return None
    code = f"U+{ord(name[unseen]):04X}"
    words = bilingual("A name contains the invisible character {code}.", code=code)
    hint = f"Leave out character {unseen + 1}: a name that looks like another one is to be the same."
    return _finding(statement.subject, statement.predicate, name.replace(name[unseen], ""), words, hint)


def _is_invisible(name: str, at: int, char: str) -> bool:
    """Return True for a format character, unless it is a joiner within a word of a script that uses joiners."""
    if unicodedata.category(char) != "Cf":
        return False
    beside = name[max(at - 1, 0) : at] + name[at + 1 : at + 2]
    return char not in _JOINERS or len(beside) < 2 or not all(map(_takes_joiners, beside))


def _takes_joiners(char: str) -> bool:
    return (
        unicodedata.category(char)[0] in "LM" and unicodedata.name(char, "").partition(" ")[0] in _SCRIPTS_WITH_JOINERS
    )


def _finding(thing: NamedNode, predicate: NamedNode, name: str, words: tuple[str, str], hint: str) -> Finding:
    focus, path = ns.compact(thing.value), ns.compact(predicate.value)
    return Finding("policy", "Violation", *words, focus=focus, path=path, value=name[:MOST_LETTERS], hint=hint)
