"""Why a pattern or a filter matches nothing: values of another type, language or case, a relation the other way round.

Each reason is looked up by a short query of the parts that do match.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import reduce
from itertools import islice
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode, QueryBoolean, QuerySolutions, Store

from kg.errors import shorten
from kg.names import names_of
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.labels import english_label
from kg.rdf.lookup import Term, match, nodes_of, parse_iri
from kg.rdf.ontology import domain_of, range_of
from kg.rdf.vocabulary import OWL, RDF, RDFS, XSD
from kg.sparql.evaluation import Answer
from kg.sparql.hints.model import Hint
from kg.sparql.text import Prologue, Scanner, Token
from kg.sparql.text.groups import Block, Pattern, UnexpectedTokenError

Ask = Callable[[str], Answer]
"""Runs a query on the data set that is asked, with the declarations of the query before it."""

_Misfit = tuple[str, str]
"""A sentence on what is wrong with a comparison, and the function that mends it, empty if none does."""

_DATES = ", ".join(map(str, (XSD.gYear, XSD.gYearMonth, XSD.date, XSD.dateTime)))
_COMPARISONS = ("=", "<", ">", "<=", ">=", "!=")
_NUMBER = re.compile(r"\d+$")
_SAMPLED = 20  # different values of a variable that are looked at
_MOST_NAMESAKES = 3  # things of one name that are tried
_MOST_CLASSES = 3  # that a hint names


class _Comparison(NamedTuple):
    """A comparison of a variable, or of LANG of one, with a number or a string."""

    name: Token
    sign: str
    value: Token

    @property
    def form(self) -> tuple[str, bool, str]:
        """What is compared, if with a string, and the language or datatype of that."""
        value = self.value.text
        return self.name.text, value[0] in "\"'", value.rpartition(value[0])[2]

    def with_function(self, condition: str, function: str) -> str:
        """Return the condition with a function of what is compared; LANGMATCHES stands for the whole comparison."""
        operands = [self.name, self.value] if function == "LANGMATCHES" else [self.name]
        start, end = min(one.start for one in operands), max(one.end for one in operands)
        return f"{condition[:start]}{function}({', '.join(one.text for one in operands)}){condition[end:]}"


class Mismatches:
    """The reasons why one query has no row, over a store and by its data set."""

    def __init__(self, store: Store, text: str, prologue: Prologue, ask: Ask) -> None:
        self._store = store
        self._text = text
        self._prologue = prologue
        self._ask = ask

    def of_filter(self, part: Block, before: str) -> tuple[Hint, ...]:
        """Return a hint if a FILTER compares a variable with a value of another kind than it has in the rows."""
        compared = list(_comparisons(part.text))
        for one in compared:
            if (found := self._comparison(one, before)) is not None:
                sentence, function = found
                alike = [other for other in compared if function and other.form == one.form]
                mended = reduce(lambda text, other: other.with_function(text, function), reversed(alike), part.text)
                return (Hint(sentence, "sparql", "value", self._with(part.text, mended)),)
        return ()

    def _with(self, part: str, mended: str) -> str:
        """Return the query with another part; empty where it is the same, or not clear which one it is."""
        return self._text.replace(part, mended) if mended != part and self._text.count(part) == 1 else ""

    def of_pattern(self, part: Pattern, before: str = "") -> tuple[Hint, ...]:
        """Return a hint if a literal is written otherwise, or a property leads from or to things of other classes."""
        if part.value[0] in "\"'":
            return self._other_literals(part) or self._thing_of_this_name(part, before)
        if part.is_path or part.predicate.startswith("?"):
            return ()
        ends = (part.subject, part.value)
        is_open = not before and all(end.startswith("?") for end in ends)  # then it is the same turned round
        return () if is_open else self._turned_round(part, before) or self._outside(part, before)

    def _comparison(self, compared: _Comparison, before: str) -> _Misfit | None:
        """Return what is wrong if a comparison is an error for what a variable has, or never true."""
        name, value = compared.name.text.removeprefix("?"), compared.value.text
        language = re.fullmatch(r"LANG\(\s*[?$](\w+)\s*\)", name)
        if language:
            return self._other_languages(language[1], value, before) if compared.sign == "=" else None
        if _NUMBER.fullmatch(value):
            dates = self._values(name, before, f"DATATYPE(?{name}) IN ({_DATES})")
            return _no_number(name, value, dates) if dates else None
        return _no_string(name, value, self._values(name, before))

    def _other_languages(self, name: str, value: str, before: str) -> _Misfit | None:
        """Return what is wrong if LANG of a variable is never equal to a tag."""
        answer = self._ask(f"SELECT DISTINCT (LANG(?{name}) AS ?{name}w) {{ {before} }} LIMIT {_SAMPLED}")
        assert isinstance(answer, QuerySolutions)
        languages = sorted(row[0].value for row in answer if isinstance(row[0], Literal) and row[0].value)
        wanted = value.strip("\"'")
        if not languages or wanted in languages:
            return None
        known = f"?{name} is in {' and '.join(languages)} here"
        near = next((one for one in languages if one.lower().startswith(f"{wanted.lower()}-")), "")
        if not near:
            return f"{known}, never in {shorten(wanted)}.", ""
        sentence = f"{known}. LANG compares whole tags; LANGMATCHES(LANG(?{name}), {value}) takes {near}, too."
        return sentence, "LANGMATCHES"

    def _values(self, name: str, before: str, condition: str = "") -> list[Term]:
        """Return some values of a variable that meet a condition."""
        test = condition or f"BOUND(?{name})"
        answer = self._ask(f"SELECT DISTINCT ?{name} {{ {before} FILTER({test}) }} LIMIT {_SAMPLED}")
        assert isinstance(answer, QuerySolutions)
        return [row[0] for row in answer if row[0] is not None]

    def _other_literals(self, part: Pattern) -> tuple[Hint, ...]:
        """Return a hint if the graph has a literal in another language, datatype or case."""
        name = "?ww" + "w" * part.sparql.count("?w")
        alike = f"LCASE(STR({name})) = LCASE(STR({part.value}))"
        answer = self._ask(
            f"SELECT DISTINCT {name} (STR({name}) = STR({part.value}) AS {name}w) "
            f"{{ {replace(part, value=name).sparql} FILTER({alike}) }} ORDER BY DESC({name}w) {name} LIMIT 1"
        )
        assert isinstance(answer, QuerySolutions)
        found = next((row[0] for row in answer if isinstance(row[0], Literal)), None)
        if found is None:
            return ()
        sentence = f"The graph has it as {shorten(str(found))}."
        return (Hint(sentence, "sparql", "elsewhere", self._with_value(part, str(found))),)

    def _thing_of_this_name(self, part: Pattern, before: str) -> tuple[Hint, ...]:
        """Return a hint if a literal is the name of a thing that stands where it does."""
        name = re.match(r"([\"'])(.*)\1", part.value)
        things = names_of(self._store).resolve(name[2], lambda _: True).things if name else []
        for thing in things[:_MOST_NAMESAKES]:
            called = ns.compact(thing.value)
            answer = self._ask(f"ASK {{ {before} {replace(part, value=str(thing)).sparql} }}")
            if isinstance(answer, QueryBoolean) and answer:
                sentence = f"{part.predicate} leads to a thing, and {part.value} is a text. Write {called}."
                return (Hint(sentence, thing.value, "value", self._with_value(part, called)),)
        return ()

    def _with_value(self, part: Pattern, value: str) -> str:
        """Return the query with another value in a pattern; empty where it is not clear which one that is."""
        return (
            self._with(part.text, part.text.removesuffix(part.value) + value) if part.text.endswith(part.value) else ""
        )

    def _turned_round(self, part: Pattern, before: str) -> tuple[Hint, ...]:
        """Return a hint if a relation matches the other way round, which a thing and its class do not have."""
        if part.predicate == "a" or self._iri(part.predicate) == RDF.type or self._is_class(part.value):
            return ()
        turned = replace(part, subject=part.value, value=part.subject)
        answer = self._ask(f"ASK {{ {before} {turned.sparql} }}")
        assert isinstance(answer, QueryBoolean)
        if not answer:
            return ()
        leads = self._leads(part.predicate)
        sentence = f"The other way round it matches: {turned.sparql}" + (f" {leads}." if leads else "")
        return (Hint(sentence, self._about(part.predicate), "value"),)

    def _outside(self, part: Pattern, before: str) -> tuple[Hint, ...]:
        """Return a hint if the subject is outside the domain of the property, or the value outside its range."""
        predicate = self._iri(part.predicate)
        if predicate is None or part.predicate == "a":
            return ()
        domain = domain_of(self._store, predicate)
        for end, classes in ((part.subject, domain), (part.value, range_of(self._store, predicate))):
            term = self._sample(end, before)
            if not isinstance(term, NamedNode) or not classes:
                continue
            kinds = self._classes(term)
            if kinds and kinds.isdisjoint(classes):
                such = f", such as {ns.compact(term.value)}" if end[0] == "?" else ""
                sentence = f"{self._leads(part.predicate)}; {end} is {self._name_class(term)}{such}."
                return (Hint(sentence, predicate.value, "value"),)
        return self._elsewhere_used(part, before) if not domain else ()

    def _elsewhere_used(self, part: Pattern, before: str) -> tuple[Hint, ...]:
        """Return a hint with something that has the property if a thing of another class has it not."""
        term = self._sample(part.subject, before)
        answer = self._ask(f"SELECT ?s {{ ?s {part.predicate} ?o FILTER(ISIRI(?s)) }} LIMIT 1")
        assert isinstance(answer, QuerySolutions)
        having = next((row[0] for row in answer), None)
        if not isinstance(having, NamedNode) or not isinstance(term, NamedNode):
            return ()
        one, other = self._name_class(having), self._name_class(term)
        if one == other:
            return ()
        sentence = f"{part.predicate} is said of {one}, such as {ns.compact(having.value)}; {part.subject} is {other}."
        return (Hint(sentence, self._about(part.predicate), "value"),)

    def _sample(self, end: str, before: str) -> Term | None:
        if not end.startswith("?"):
            return self._iri(end)
        return next(iter(self._values(end[1:], before)), None) if end in before.split() else None

    def _leads(self, predicate: str) -> str:
        """Return a clause such as "cd:memberOf leads from a city to a network"; empty without domain or range."""
        iri = self._iri(predicate)
        if iri is None:
            return ""
        ends = [self._either(of(self._store, iri)) for of in (domain_of, range_of)]
        ways = [f"{word} {end}" for word, end in zip(("from", "to"), ends, strict=True) if end]
        return f"{ns.compact(iri.value)} leads {' '.join(ways)}" if ways else ""

    def _either(self, classes: Sequence[NamedNode]) -> str:
        names = [_with_article(english_label(self._store, one) or ns.compact(one.value)) for one in classes]
        return " or ".join(islice(names, _MOST_CLASSES)) + (" and others" if len(names) > _MOST_CLASSES else "")

    def _is_class(self, end: str) -> bool:
        iri = None if end.startswith("?") else self._iri(end)
        return iri is not None and OWL.Class in self._classes(iri)

    def _classes(self, thing: NamedNode) -> set[NamedNode]:
        return {*nodes_of(self._store, thing, RDF.type)}

    def _name_class(self, thing: NamedNode) -> str:
        """Return the most specific class of a thing, with an article."""
        kinds = self._classes(thing)
        above = {
            quad.object
            for kind in kinds
            for quad in match(self._store, kind, RDFS.subClassOf, None, graphs.ONTOLOGY)
            if quad.object != kind
        }
        lowest = sorted(kinds - above, key=lambda one: (not one.value.startswith(ns.CD), one.value))
        return self._either(lowest[:1])

    def _iri(self, text: str) -> NamedNode | None:
        token = Token("iri" if text.startswith("<") else "name", text, 0, len(text))
        iri = self._prologue.iri(token)
        return parse_iri(iri) if iri else None

    def _about(self, predicate: str) -> str:
        iri = self._iri(predicate)
        return iri.value if iri is not None else "sparql"


def _comparisons(condition: str) -> Iterator[_Comparison]:
    """Yield the comparisons of a variable, or of LANG of one, with a number or a string, in either order."""
    pieces = list(_pieces(condition))
    for one, sign, other in zip(pieces, pieces[1:], pieces[2:], strict=False):
        if sign.text in _COMPARISONS:
            for name, value in ((one, other), (other, one)):
                if name.text.startswith(("?", "LANG")) and (value.text[0] in "\"'" or _NUMBER.fullmatch(value.text)):
                    yield _Comparison(name, sign.text, value)


def _pieces(condition: str) -> Iterator[Token]:
    """Yield the terms and signs of an expression, with LANG(?x) as one, until one that is not understood."""
    with suppress(UnexpectedTokenError):
        for start, (piece, end) in Scanner.read(condition, _take_piece):
            yield Token("", piece, start, end)


def _take_piece(scan: Scanner, *, expression: bool) -> tuple[str, int]:
    """Take a term, a sign or LANG of a variable; return its text and where it ends."""
    token = scan.peek(expression=expression)
    if token.kind in ("variable", "string") or token.text.isdigit():
        return scan.take_term(), scan.at
    text = scan.take(expression=expression).text
    if token.keyword == "LANG":
        text = f"LANG{scan.take_balanced()}"
    elif text in ("<", ">", "!") and scan.text.startswith("=", scan.at):
        text += scan.take().text
    return text, scan.at


def _no_number(name: str, value: str, dates: Sequence[Term]) -> _Misfit:
    sentence = (
        f"?{name} is a date, such as {_shown(dates[0])}, and {value} a number: they cannot be compared. "
        f"Compare YEAR(?{name}) with {value}."
    )
    return sentence, "YEAR"


def _no_string(name: str, value: str, found: Sequence[Term]) -> _Misfit | None:
    first = next(iter(found), None)
    if isinstance(first, NamedNode):
        sentence = (
            f"?{name} is a thing, such as {ns.compact(first.value)}, and {value} a text. "
            f"Compare its name: ?{name} skos:prefLabel ?label."
        )
        return sentence, ""
    if isinstance(first, Literal) and first.language and "@" not in value:
        sentence = (
            f"?{name} has a language, as {_shown(first)}, which {value} has not: they are never equal. "
            f"Compare STR(?{name}) with {value}."
        )
        return sentence, "STR"
    return None


def _shown(literal: Term) -> str:
    """Return a literal as Turtle has it, with a prefix for its datatype."""
    text = shorten(str(literal))
    return re.sub(r"\^\^<([^>]+)>$", lambda found: f"^^{ns.compact(found[1])}", text)


def _with_article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
