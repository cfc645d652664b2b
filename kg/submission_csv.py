"""Read the CSV templates for twinnings and memberships: each row is a relation, and what one source says of it.

docs/curating/templates.md explains the columns. A row gives the relation (type, label, parties) and the account of its
source (contract: How a source's words are held), and may declare the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg import namespaces as ns
from kg import resources
from kg.csv_cells import Cell, rows
from kg.errors import UnreadableError
from kg.faults import Fault, RefusedSubmissionError
from kg.printed_dates import BadDateError, PrintedDate, printed_date
from kg.reading import read_file
from kg.submission_formats import Reading, Statement, refuse_too_many, refuse_unfit, syntax_fault
from kg.submission_places import Place
from kg.submission_scans import MOST_FAULTS

SLUG = re.compile(r"[a-z0-9]+(?:[.-]{1,2}[a-z0-9]+)*")

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_SMALL_WORDS = {"and", "in", "of", "on", "the", "upon"}
_POLITIES = ("city", "country", "district", "nation", "region")
_SOURCES = ("source", "passage", "publication")
_LABEL = ns.PREFIXES["skos"] + "prefLabel"
_SOURCE_COLUMNS = ("source_title", "source_url", "source_licence")
_COMMON = ("since", "until", "status", "note", *_SOURCE_COLUMNS)


Said = tuple[str, NamedNode | Literal, Cell]
"""A property with its value, and the cell that says so."""


@dataclass(frozen=True)
class Party:
    """A column that names a party: the property, and the types of what it may name, first that of a bare name."""

    column: str
    predicate: str
    types: tuple[str, ...]


@dataclass(frozen=True)
class Template:
    """A kind of table: the class and type of its relations, their parties, and its columns."""

    kind: str
    class_name: str
    parties: tuple[Party, Party]
    label: str
    choices: Mapping[str, str]
    required: tuple[str, ...]
    alphabetical: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, those that must be there first."""
        return (*self.required, *(c for c in (*self.choices, *_COMMON) if c not in self.required))


TWINNING = Template(
    kind="twinning",
    class_name="Twinning",
    parties=(Party("city_a", "twin", _POLITIES), Party("city_b", "twin", _POLITIES)),
    label="Twinning of {} and {}",
    choices={"status": "tie-status", "character": "tie-character"},
    required=("city_a", "city_b", "source"),
    alphabetical=True,
)
MEMBERSHIP = Template(
    kind="membership",
    class_name="Membership",
    parties=(
        Party("city", "member", (*_POLITIES, "group", "organisation", "network", "person")),
        Party("network", "network", ("network", "organisation", "group")),
    ),
    label="Membership of {} in {}",
    choices={"status": "tie-status", "role": "membership-role"},
    required=("city", "network", "role", "source"),
    alphabetical=False,
)
TEMPLATES = (TWINNING, MEMBERSHIP)


def read_csv(text: str, store: Store | None = None) -> Reading:
    """Return what a table states. `store` knows labels of parties, and relations that have one already.

    Raises RefusedSubmissionError with every cell that is not understood.
    """
    try:
        table = list(rows(text))
    except UnreadableError as error:
        raise RefusedSubmissionError([syntax_fault(finding) for finding in error.findings]) from None
    reader = _Table(store)
    if table:
        reader.read(table)
    if reader.faults:
        raise RefusedSubmissionError(reader.faults[:MOST_FAULTS])
    places = list(reader.places.values())
    reading = Reading([Statement(quad) for quad in reader.places], lambda: places)
    refuse_unfit(reading)
    return reading


class _Table:
    """What the rows read so far state, and what is wrong with them."""

    def __init__(self, store: Store | None) -> None:
        self.places: dict[Quad, Place] = {}
        self.faults: list[Fault] = []
        self._store = store
        self._accounts: dict[str, int] = {}

    def read(self, table: Sequence[Sequence[Cell]]) -> None:
        header = [Cell(_column_name(cell.text), cell.line, cell.column) for cell in table[0]]
        template = self._template(header)
        if template is None or not self._fits(header, template):
            return
        for row in table[1:]:
            if len(row) != len(header):
                message = f"The row has {len(row)} cells, and the header {len(header)}."
                zh, hint = f"本行有 {len(row)} 个单元格，表头有 {len(header)} 个。", "Quote a cell that holds a comma."
                self._say(row[-1], message, zh, hint)
            else:
                self._read_row(template, {name.text: cell for name, cell in zip(header, row, strict=True)})
            refuse_too_many(len(self.places))
            if len(self.faults) >= MOST_FAULTS:
                return

    def _template(self, header: Sequence[Cell]) -> Template | None:
        names = {cell.text for cell in header}
        best = max(TEMPLATES, key=lambda template: len(names & set(template.required)))
        if names & set(best.required) - {"source"}:
            return best
        lines = " or ".join(",".join(template.columns) for template in TEMPLATES)
        hint = "Separate the cells by commas." if len(header) == 1 else f"Begin with one of the headers: {lines}"
        self._say(header[0], "The header is that of no template.", "表头不属于任何模板。", hint)
        return None

    def _fits(self, header: Sequence[Cell], template: Template) -> bool:
        seen = set()
        for cell in header:
            if cell.text in seen:
                self._say(
                    cell, f"The column {cell.text!r} is there twice.", f"列 {cell.text!r} 重复。", "Leave out one."
                )
            elif cell.text not in template.columns:
                hint = _did_you_mean(cell.text, template.columns)
                self._say(cell, f"There is no column {cell.text!r}.", f"没有名为 {cell.text!r} 的列。", hint)
            seen.add(cell.text)
        for name in template.required:
            if name not in seen:
                hint = f"The columns are {', '.join(template.columns)}."
                self._say(header[0], f"The column {name!r} is missing.", f"缺少列 {name!r}。", hint)
        return not self.faults

    def _read_row(self, template: Template, row: Mapping[str, Cell]) -> None:
        before = len(self.faults)
        parties = [self._thing(row[party.column], party.types) for party in template.parties]
        source = self._thing(row["source"], _SOURCES)
        said: list[Said] = [*self._choices(template, row), *self._dates(row), *self._note(row)]
        declared = list(self._source(row))
        if len(self.faults) > before or source is None or None in parties:
            return None
        one, other = (party for party in parties if party is not None)
        if one == other:
            cell, hint = row[template.parties[1].column], "Name two different parties."
            return self._say(cell, "Both parties are the same.", "双方相同。", hint)
        slugs = [_slug(one), _slug(other)]
        slug = "-".join(sorted(slugs) if template.alphabetical else slugs)
        relation = NamedNode(f"{ns.ID}{template.kind}/{slug}")
        account = NamedNode(f"{ns.ID}account/{_slug(source)}--{template.kind}-{slug}")
        if (line := self._accounts.setdefault(account.value, row["source"].line)) != row["source"].line:
            hint = "Leave out one, or name another source."
            return self._say(
                row["source"], f"Line {line} is of the same parties and source.", f"与第 {line} 行重复。", hint
            )
        self._state_relation(template, row, relation, (one, other))
        self._state(account, "rdf:type", _term("cd:Account"), row["source"])
        self._state(account, "cd:accountOf", relation, row[template.parties[0].column])
        self._state(account, "cd:statedIn", source, row["source"])
        for subject, lines in ((account, said), (source, declared)):
            for predicate, value, cell in lines:
                self._state(subject, predicate, value, cell)
        return None

    def _state_relation(
        self, template: Template, row: Mapping[str, Cell], relation: NamedNode, parties: tuple[NamedNode, NamedNode]
    ) -> None:
        first = row[template.parties[0].column]
        self._state(relation, "rdf:type", _term(f"cd:{template.class_name}"), first)
        for party, value in zip(template.parties, parties, strict=True):
            self._state(relation, f"cd:{party.predicate}", value, row[party.column])
        if self._known_label(relation) is None:
            in_order = sorted(parties, key=_slug) if template.alphabetical else parties
            names = [self._known_label(party) or _words(_slug(party)) for party in in_order]
            label = Literal(template.label.format(*names), language="en")
            self._state(relation, "skos:prefLabel", label, first)

    def _thing(self, cell: Cell, types: Sequence[str]) -> NamedNode | None:
        """Return the IRI that a cell names: a bare name, a name with its type before a colon, or the whole IRI."""
        if not cell.text:
            self._say(cell, "The cell is empty.", "单元格为空。", f"Name a {types[0]}, such as {types[0]}:…")
            return None
        path = cell.text.removeprefix(ns.ID).replace(":", "/", 1) if ":" in cell.text else f"{types[0]}/{cell.text}"
        type_name, _, slug = path.partition("/")
        if type_name not in types:
            hint = f"Write the name with one of these types: {', '.join(f'{name}:…' for name in types)}."
            self._say(cell, f"{cell.text!r} is none of what can stand here.", f"此处不能填写 {cell.text!r}。", hint)
        elif not SLUG.fullmatch(slug):
            guess = re.sub(r"[^a-z0-9.]+", "-", slug.lower()).strip("-.")
            hint = (
                f"Names are small letters, digits and hyphens. Did you mean {guess!r}?"
                if guess
                else "Use its name in the IRI."
            )
            self._say(cell, f"{slug!r} is not a name as IRIs have it.", f"{slug!r} 不符合 IRI 名称的写法。", hint)
        else:
            return NamedNode(f"{ns.ID}{type_name}/{slug}")
        return None

    def _choices(self, template: Template, row: Mapping[str, Cell]) -> Iterator[tuple[str, NamedNode, Cell]]:
        for column, scheme in template.choices.items():
            cell = row.get(column)
            if cell is None:
                continue
            names = [name.strip() for name in cell.text.split(";") if name.strip()]
            if not names and column in template.required:
                self._say(
                    cell, f"A {column} is needed.", f"必须填写 {column}。", f"One of: {', '.join(_concepts(scheme))}."
                )
            for name in names:
                local = name.rpartition(":")[2].rpartition("/")[2].lower().replace(" ", "-")
                if local in _concepts(scheme):
                    yield f"cd:{column}", NamedNode(f"{ns.VOCABULARY}{scheme}/{local}"), cell
                else:
                    hint = (
                        f"{_did_you_mean(local, _concepts(scheme))} There are: {', '.join(_concepts(scheme))}.".strip()
                    )
                    self._say(cell, f"There is no {column} {name!r}.", f"没有名为 {name!r} 的 {column}。", hint)

    def _dates(self, row: Mapping[str, Cell]) -> Iterator[tuple[str, Literal, Cell]]:
        found: list[tuple[PrintedDate, Cell]] = []
        for column, predicate in (("since", "cd:begin"), ("until", "cd:end")):
            cell = row.get(column)
            if cell is not None and cell.text:
                try:
                    date = printed_date(cell.text)
                except BadDateError as error:
                    self._say(cell, error.message, f"无法识别日期 {cell.text!r}。", error.hint)
                    continue
                found.append((date, cell))
                yield predicate, date.literal, cell
        if not found:
            return
        (first, begins), (last, ends) = found[0], found[-1]
        if first.earliest.value > last.latest.value:
            self._say(ends, "It ends before it begins.", "结束早于开始。", "Exchange since and until, or mend one.")
        yield "cd:earliest", first.earliest, begins
        yield "cd:latest", last.latest, ends

    def _note(self, row: Mapping[str, Cell]) -> Iterator[tuple[str, Literal, Cell]]:
        if (cell := row.get("note")) is not None and cell.text:
            yield "cd:note", Literal(cell.text, language="zh-Hans" if _CHINESE.search(cell.text) else "en"), cell

    def _source(self, row: Mapping[str, Cell]) -> Iterator[tuple[str, NamedNode | Literal, Cell]]:
        """Yield what declares the source, if the row gives its title."""
        title, address, licence = (row.get(column) for column in _SOURCE_COLUMNS)
        given = [cell for cell in (title, address, licence) if cell is not None and cell.text]
        if not given:
            return
        if title is None or not title.text or _CHINESE.search(title.text):
            hint = "Give the title in English as source_title; leave all three empty for a source that is known."
            return self._say(given[0], "A new source needs an English title.", "新来源需要英文标题。", hint)
        yield "rdf:type", _term("cd:Source"), title
        for predicate in ("skos:prefLabel", "dcterms:title"):
            yield predicate, Literal(title.text, language="en"), title
        if address in given and address is not None:
            yield "dcterms:identifier", Literal(address.text), address
        if licence in given and licence is not None:
            is_iri = re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", licence.text)
            yield (
                ("dcterms:license", NamedNode(licence.text), licence)
                if is_iri
                else (
                    "dcterms:rights",
                    Literal(licence.text, language="en"),
                    licence,
                )
            )

    def _known_label(self, thing: NamedNode) -> str | None:
        if self._store is None:
            return None
        found = self._store.quads_for_pattern(thing, NamedNode(_LABEL), None, DefaultGraph())
        return next(
            (q.object.value for q in found if isinstance(q.object, Literal) and q.object.language == "en"), None
        )

    def _state(self, subject: NamedNode, predicate: str, value: NamedNode | Literal, cell: Cell) -> None:
        self.places.setdefault(Quad(subject, _term(predicate), value), (cell.line, cell.column))

    def _say(self, cell: Cell, message: str, message_zh: str, hint: str) -> None:
        fault = Fault("syntax", "Violation", message, message_zh, hint=hint, line=cell.line, column=cell.column)
        self.faults.append(fault)


@cache
def _concepts(scheme: str) -> tuple[str, ...]:
    """Return the local names of a scheme's concepts."""
    begin = f"{ns.VOCABULARY}{scheme}/"
    quads = read_file(resources.ONTOLOGY / "vocabularies" / f"{scheme}.ttl")
    subjects = {quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)}
    return tuple(sorted(iri.removeprefix(begin) for iri in subjects if iri.startswith(begin)))


def _column_name(text: str) -> str:
    return re.sub(r"[\s-]+", "_", text.strip().lower())


def _slug(iri: NamedNode) -> str:
    return iri.value.rpartition("/")[2]


def _words(slug: str) -> str:
    """Return a slug as a name: brighton-and-hove as Brighton and Hove."""
    return " ".join(word if word in _SMALL_WORDS else word.capitalize() for word in slug.split("-"))


def _did_you_mean(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"Did you mean {near[0]!r}?" if near else ""


def _term(name: str) -> NamedNode:
    iri = ns.expand(name)
    assert iri is not None
    return NamedNode(iri)
