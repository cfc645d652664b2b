"""Fill in a form: names, dates and choices become terms, and these a tie and its account, or a finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple

from kg.errors import BadValueError, shorten
from kg.findings import RefusedSubmissionError
from kg.gazetteer import Gazetteer
from kg.messages import bilingual
from kg.names import Identifier, names_of
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.kinds import POLITY_CLASSES
from kg.rdf.labels import chinese_label, english_label, label_lookup
from kg.rdf.lookup import match, parse_iri
from kg.rdf.serialise import to_bytes
from kg.rdf.shape_fields import Field
from kg.rdf.sources import has_chinese, is_address, note_literal
from kg.rdf.vocabulary import CD, DCTERMS, RDF, SCHEMA, SKOS, WGS84, XSD
from kg.readings import Reading
from kg.reconciliation import Match, Reason, Reconciler, reason
from kg.tables.cells import CellReader, parse_address
from kg.tables.dates import parse_period
from kg.tables.forms.declarations import FORMS, Form
from kg.tables.mapping import CellMapping, SourceDeclaration, TableMapping, ThingMapping, UnfitCellError
from kg.tables.relations import Relation, Relations
from kg.tables.sources import ImportSource, find_known_source, find_source, source_with_address
from kg.tables.table import Row
from kg.tables.templates import ORGANISATIONS, POLITIES, RelationTemplate, account_of
from kg.tables.things import THING_CLASSES, ReconciledThing, Things

Given = Mapping[str, Sequence[str]]
"""What is written in a form: texts by the names of inputs."""

NEW = "new"
"""The choice that a name is that of a thing which the graph does not have."""
_NEW_KINDS = ("city", "network", "organisation")
"""The kinds of which a name that is not known may become a new thing, the likeliest first."""
_MOST_VALUES = 20
"""Most values of one field."""
_NAMES = (SKOS.prefLabel, SKOS.altLabel, CD.nativeName)
"""Properties whose texts are short."""
_OF_NEW = (RDF.type, WGS84.lat, WGS84.long)
"""What is asked of a new thing, and stays as it is."""
_SOURCE = ("source", "source_title", "source_url", "source_licence")


class FieldValue(TypedDict):
    """A value of a field: its label and text, what is wrong with it, and which thing it names, or candidates for that.

    `more` has what is said of a thing that may be new, None where nothing is asked.
    """

    name: str
    label: str
    text: str
    is_required: bool
    problem: str
    chosen: str
    candidates: list[dict[str, Any]]
    thing: dict[str, Any] | None
    is_new: bool
    more: dict[str, str] | None


class FormField(TypedDict):
    """A field for a page: its texts in the reader's language, what may be chosen, and its values."""

    name: str
    path: str
    label: str
    help: str
    group: str
    kind: str
    is_required: bool
    is_several: bool
    is_open: bool
    is_missing: bool
    choices: list[tuple[str, str]]
    kinds: Sequence[str]
    """Those of the things that may be named."""
    values: list[FieldValue]


class FilledForm(TypedDict):
    """A form as it is filled in, and the statements that it comes to: none, as long as something is missing."""

    fields: list[FormField]
    source: dict[str, str]
    summary: str
    turtle: str
    removed: str
    """What the account that is edited no longer says, in N-Quads."""
    graph: str
    stated_by: str
    problem: str


@Reading
def fill_form(store: Store, name: str, given: Given, language: str = "en", gazetteer: str = "") -> FilledForm:
    """Return a form with what is written in it; `language` is that of its texts, `gazetteer` the path of one."""
    with ExitStack() as opened:
        places = opened.enter_context(Gazetteer(Path(gazetteer))) if gazetteer else None
        return _Filling(store, FORMS[name], given, language, places).fill()


class _Filling:
    """The filling in of one form."""

    def __init__(self, store: Store, form: Form, given: Given, language: str, gazetteer: Gazetteer | None) -> None:
        self._store, self._form = store, form
        self._given = {key: texts[0] for key, texts in given.items() if texts} | dict(_numbered(form, given))
        if len(form.kinds) > 1:
            self._given.setdefault("type-1", ns.compact(THING_CLASSES[form.kinds[0]].value))
        self._is_chinese = language == "zh"
        self._names = names_of(store)
        self._row = Row(1, 1, tuple(self._given.values()))
        self._cells = CellReader([*self._given], store)
        self._things = Things(Reconciler(self._names, gazetteer), self._cells, {}, are_names_chosen=bool(form.kinds))
        self._terms: dict[NamedNode, list[NamedNode | Literal]] = {}
        self._reconciled: dict[NamedNode, list[ReconciledThing]] = {}
        self._described: ReconciledThing | None = None
        """The thing of a form that makes one, or completes one that is known."""
        self._edited = parse_iri(ns.expand(self._given.get("edits", "")) or "")
        self._old = curated_statements(store, self._edited) if self._edited is not None else []
        self._is_complete = True
        self._problem = ""

    def fill(self) -> FilledForm:
        """Return the form."""
        fields = [one for one in [*self._kind_field(), *self._form.fields(self._store)] if self._is_shown(one)]
        source, words = self._fill_source()
        ranks = {predicate: rank for rank, predicate in enumerate(self._form.open)}
        shown = [
            self._fill_field(field) for field in sorted(fields, key=lambda one: ranks.get(one.predicate, len(ranks)))
        ]
        if self._form.kinds and (name := next(one for one in shown if one["path"] == "skos:prefLabel"))["values"]:
            self._describe(name["values"])
        triples: list[Triple] = []
        summary = ""
        if self._is_complete and len(parties := self._settle()) == len(self._form.parties):
            summary = self._label_of_all(parties, words)
            if source is not None:
                triples = [*dict.fromkeys(self._state(fields, source, parties, summary))]
        graph = self._old[0].graph_name if self._old else source.graph if source is not None else None
        return FilledForm(
            fields=shown,
            source=words,
            summary=summary,
            turtle=to_bytes(triples, RdfFormat.TURTLE).decode() if triples else "",
            removed="".join(f"{one} .\n" for one in self._replaced(fields, triples)),
            graph=graph.value if isinstance(graph, NamedNode) else "",
            stated_by=source.address if source is not None else "",
            problem=self._problem,
        )

    def _is_shown(self, field: Field) -> bool:
        is_kept = self._is_edit_of_thing and field.predicate in _OF_NEW
        return field.predicate not in self._form.derived and not is_kept

    @property
    def _is_edit_of_thing(self) -> bool:
        return bool(self._form.kinds and self._old)

    def _fill_field(self, field: Field) -> FormField:
        least = max(field.least, self._form.least(field.predicate))
        keys = self._inputs(field)
        labels = self._labels(field, len(keys))
        values = [self._fill_value(field, key, labels[at], at < least) for at, key in enumerate(keys)]
        written = sum(1 for one in values if one["text"])
        if written < least or any(one["problem"] for one in values):
            self._is_complete = False
        return FormField(
            name=field.name,
            path=ns.compact(field.predicate.value),
            label=_capitalised(field.texts[0][self._is_chinese]),
            help=field.texts[1][self._is_chinese],
            group=field.texts[2][self._is_chinese],
            kind="text" if field.predicate in _NAMES else field.kind,
            is_required=least > 0,
            is_several=field.most != 1,
            is_open=least > 0 or field.predicate in self._form.open,
            is_missing=written < least,
            choices=[(ns.compact(one.value), self._label(one)) for one in field.choices],
            kinds=field.kinds,
            values=values,
        )

    def _inputs(self, field: Field) -> list[str]:
        """Return the names of the inputs of a field: those that are filled in, as many as it needs, and one more."""
        filled = [key for number in range(1, _MOST_VALUES) if self._given.get(key := f"{field.name}-{number}")]
        if field.kind == "choice":
            return filled or [f"{field.name}-1"]
        called = len(self._form.labels.get(field.predicate, ()))
        last = int(filled[-1].rpartition("-")[2]) if filled else 0
        count = max(called, last) if called else max(field.least, last + 1)
        return [f"{field.name}-{number}" for number in range(1, min(count, field.most or _MOST_VALUES) + 1)]

    def _labels(self, field: Field, count: int) -> list[str]:
        """Return the labels of the inputs of a field."""
        own = [texts[self._is_chinese] for texts in self._form.labels.get(field.predicate, ())]
        name = _capitalised(field.texts[0][self._is_chinese])
        others = [f"{name} {number}" for number in range(len(own) + 1, count + 1)]
        return [*own, *others][:count] if own or count > 1 else [name]

    def _fill_value(self, field: Field, key: str, label: str, is_required: bool) -> FieldValue:
        value = FieldValue(
            name=key,
            label=label,
            text=self._given.get(key, "").strip(),
            is_required=is_required,
            problem="",
            chosen="",
            candidates=[],
            thing=None,
            is_new=False,
            more=None,
        )
        if not value["text"]:
            return value
        try:
            text = self._cells.text(CellMapping(key), self._row).strip()
            if field.kind == "thing" and not self._is_country(field):
                self._name_thing(field, key, value)
            else:
                is_own = self._is_country(field) or field.predicate == SCHEMA.sameAs
                term = self._term_of_thing(field, text) if is_own else self._term(field, text)
                of_field = (one.object for one in self._old if one.predicate == field.predicate)
                term = next((one for one in of_field if isinstance(one, Literal) and one.value == text), term)
                self._terms.setdefault(field.predicate, []).append(term)
                value["text"] = ns.compact(term.value) if field.kind == "choice" else value["text"]
        except UnfitCellError as error:
            value["problem"] = self._words(error.why)
        return value

    def _term(self, field: Field, text: str) -> NamedNode | Literal:
        """Return what a text means in a field. Raises UnfitCellError."""
        if field.kind == "date":
            return _date(field.predicate, text)
        if field.kind == "words":
            return note_literal(text)
        if field.kind == "choice":
            return self._choice(field, text)
        if field.kind == "address":
            return parse_address(text)
        if field.kind == "number":
            return _number(text, field.datatype)
        return Literal("true" if field.kind == "tick" else text, datatype=field.datatype)

    def _choice(self, field: Field, text: str) -> NamedNode:
        fitting = [one for one in field.choices if text in (ns.compact(one.value), one.value.rpartition("/")[2])]
        if len(fitting) != 1:
            scheme = field.texts[0][0]
            hint = "Choose one of the list."
            raise UnfitCellError(reason("{name!r} is not a concept of {scheme}.", hint, name=text, scheme=scheme))
        return fitting[0]

    def _name_thing(self, field: Field, key: str, value: FieldValue) -> None:
        """Find the thing that a text names, or the candidates; raises UnfitCellError for what cannot be read."""
        # a choice is for the text below which it stood
        is_of_text = self._given.get(f"{key}.was", value["text"]) == value["text"]
        value["chosen"] = self._given.get(f"{key}.is", "") if is_of_text else ""
        where = "homepage" if _new_kind(field) in ORGANISATIONS else "country"
        more = {name: self._given.get(f"{key}.{name}", "") for name in (where, "wikidata")}
        mapping = self._mapping(field, key, value["text"], more, value["chosen"])
        self._reconciled.setdefault(field.predicate, []).append(self._reconcile(mapping, value, more))

    def _reconcile(self, mapping: ThingMapping, value: FieldValue, more: dict[str, str] | None) -> ReconciledThing:
        """Return the thing that a mapping finds, and say so in a value; raises UnfitCellError."""
        self._things.decisions = {value["text"]: value["chosen"]} if value["chosen"] else {}
        try:
            found = self._things.reconcile(mapping, self._row)
        except UnfitCellError:
            value["more"] = more
            raise
        match_ = found.match
        listed = [self._things.choice(iri) for iri in match_.candidates]
        listed += [self._things.choice_of_place(place) for place in match_.places]
        is_named = bool(value["chosen"] or ns.thing_iri(value["text"]))
        is_group = mapping.new == "network" and ns.kind_of(match_.thing) == "group" and not is_named
        if match_.outcome == "known" and is_group:
            group = bilingual("“{name}” is a group here, not a network.", name=self._things.label(match_.thing))
            value["problem"], value["more"], listed = self._said(group), more, [self._things.choice(match_.thing)]
        elif match_.outcome == "known":
            value["thing"] = meant = self._things.choice(match_.thing)
            if ns.thing_iri(value["text"]):
                value["text"], value["chosen"] = meant["label"], meant["name"]
            listed = [meant] if value["chosen"] else []
        elif match_.outcome == "new":
            value["is_new"] = True
            if match_.place is not None:
                value["thing"] = self._things.choice_of_place(match_.place)
        else:
            if len(listed) > 1:  # they say themselves what the message lists
                value["problem"] = self._said(bilingual("“{name}” may be one of several.", name=shorten(value["text"])))
            elif match_.why is not None:
                value["problem"] = (self._is_chinese and match_.why.message_zh) or match_.why.message
            value["more"] = more if mapping.new else None
            if found.can_be_new and listed:  # it is there by now
                value["chosen"] = ""
        value["candidates"] = listed
        return found

    def _kind_field(self) -> Iterator[Field]:
        """Yield the field for the kind of a new thing, if it may be of several."""
        if len(kinds := self._form.kinds) > 1:
            texts = (bilingual("Kind"), ("", ""), ("", ""))
            classes = tuple(THING_CLASSES[kind] for kind in kinds)
            yield Field(RDF.type, False, "choice", 1, 1, texts, (0, 0, ""), classes)

    def _cell(self, key: str) -> CellMapping | None:
        return CellMapping(key) if self._given.get(key) else None

    def _term_of_thing(self, field: Field, text: str) -> NamedNode:
        """Return the country, or the address of the identifier, that a text means. Raises UnfitCellError."""
        if field.predicate == CD.within:
            named = NamedNode(ns.thing_iri(text) or ns.BASE)
            if ns.kind_of(named.value) in POLITY_CLASSES and self._names.knows(named):
                return named
            try:
                return NamedNode(self._things.country(text))
            except UnfitCellError as error:
                hint = "Write its code, such as DE, or its name; for a region its name here, such as region:england."
                raise UnfitCellError(replace(error.why, hint=hint)) from None
        for one in _identifiers(text):
            return NamedNode(one.address)
        hint = "Such as Q39121, or an address of Wikidata, GeoNames or the like."
        raise UnfitCellError(reason("{text!r} is not an identifier of an authority.", hint, text=shorten(text)))

    def _is_country(self, field: Field) -> bool:
        return bool(self._form.kinds) and field.predicate == CD.within

    def _describe(self, values: Sequence[FieldValue]) -> None:
        """Find the thing that names, identifiers and place describe, or make it a new one, as imports do."""
        if self._is_edit_of_thing and self._edited is not None:
            self._described = ReconciledThing(Match("known", self._edited.value))
            return
        names = {("zh-Hans" if has_chinese(one["text"]) else "en"): one for one in reversed(values) if one["text"]}
        value = values[0]
        value["chosen"] = self._given.get(f"{value['name']}.is", "")
        given = [self._given.get(f"sameAs-{number}", "") for number in range(1, _MOST_VALUES)]
        numbers = {f"sameAs-{at}": found for at, text in enumerate(given, 1) if (found := _identifiers(text))}
        chosen = self._terms.get(RDF.type, ())
        kind = next((kind for kind in self._form.kinds if THING_CLASSES[kind] in chosen), self._form.kinds[0])
        is_place = kind in POLITY_CLASSES
        within = next((one.value for one in self._terms.get(CD.within, ())), "")
        is_bare = not is_place and not numbers and not self._cell("homepage-1")
        mapping = ThingMapping(
            identifiers={(found[0].authority or "").lower(): CellMapping(key) for key, found in numbers.items()},
            names={language: CellMapping(one["name"]) for language, one in names.items()},
            country=self._cell("within-1") if ns.kind_of(within) == "country" else None,
            kinds=POLITIES if is_place else ORGANISATIONS,
            new=kind,
            latitude=self._cell("lat-1"),
            longitude=self._cell("long-1"),
            homepage=None if is_place else self._cell("homepage-1"),
            defined_by=self._defining_source() if is_bare else None,
        )
        try:
            self._described = self._reconcile(mapping, value, None) if self._is_complete else None
        except UnfitCellError as error:
            value["problem"] = self._words(error.why)
        if value["problem"]:
            self._is_complete = False

    def _mapping(self, field: Field, key: str, text: str, more: Mapping[str, str], chosen: str) -> ThingMapping:
        is_bare = _new_kind(field) in ORGANISATIONS and not any(more.values())
        return ThingMapping(
            identifiers={"wikidata": CellMapping(f"{key}.wikidata")} if more["wikidata"] else {},
            names={"zh-Hans" if has_chinese(text) else "en": CellMapping(key)},
            country=CellMapping(f"{key}.country") if more.get("country") else None,
            kinds=field.kinds,
            new=_new_kind(field),
            homepage=CellMapping(f"{key}.homepage") if more.get("homepage") else None,
            defined_by=self._defining_source() if is_bare and chosen == NEW else None,
        )

    def _defining_source(self) -> CellMapping | None:
        """Return the source of the form as that which defines a new thing, which has nothing else to be known by."""
        return CellMapping(constant=ns.compact(self._things.source)) if self._things.source else None

    def _fill_source(self) -> tuple[ImportSource | None, dict[str, str]]:
        """Return the source, None without a clear one; and what is written of it, with what is wrong."""
        words = {name: self._given.get(name, "").strip() for name in _SOURCE} | {"problem": "", "label": ""}
        try:
            for name in _SOURCE:
                if words[name]:
                    self._cells.text(CellMapping(name), self._row)
            source = self._find_source(words)
        except UnfitCellError as error:
            words["problem"] = self._words(error.why)
        except (BadValueError, RefusedSubmissionError) as error:
            found = error.findings[0].message if isinstance(error, RefusedSubmissionError) else error.message
            words["problem"] = f"{found} {self._said(bilingual('Give its title under “New source”.'))}"
        else:
            if source is not None:
                self._things.source = source.iri.value
                if source.declaration is None:
                    words |= {"source": ns.compact(source.iri.value), "label": self._label(source.iri)}
            return source, words
        return None, words

    def _find_source(self, words: Mapping[str, str]) -> ImportSource | None:
        """Return the source that is named, or described as a new one. Raises BadValueError."""
        text, title, url = words["source"], words["source_title"], words["source_url"]
        if is_address(text) and not text.startswith(ns.BASE):
            if url not in ("", text):  # the one below may be remembered: neither is taken without a word
                raise UnfitCellError(
                    reason(
                        "Two sources are given: {one}, and {other} as a new one.", one=shorten(text), other=shorten(url)
                    )
                )
            url = text
            known = source_with_address(text, self._names)
            text = known.value if known is not None else ""
            if not text and not title:
                raise BadValueError("No source with this address is known here.")
        if not text and not title:
            return None
        declared, source = None, find_known_source(text, self._names) if text else None
        titles = match(self._store, source, DCTERMS.title, None, DefaultGraph()) if source is not None else ()
        if title and title not in [getattr(one.object, "value", "") for one in titles]:
            named = text.removeprefix("source:") if source is None else ""  # a new title, beside the last source
            text = ns.fit_length(ns.slug(named or title))
            declared = SourceDeclaration(text, title, url, words["source_licence"])
        return find_source(TableMapping("", "", {}, {}, declared, {}), text, self._names)

    def _label_of_all(self, parties: Sequence[str], source: Mapping[str, str]) -> str:
        """Return the English label of what a form that is complete adds."""
        if self._is_edit_of_thing:
            return self._terms[SKOS.prefLabel][0].value
        if self._described is not None:
            return self._things.label(self._things.settle(self._described))
        if (tie := self._form.tie) is not None:
            return tie.label.format(*map(self._things.label, tie.in_order(parties)))
        told = {one: self._terms.get(one, ()) for one in self._form.told_apart_by}
        called = {
            one.value.rpartition("#")[2]: self._things.label(of[0].value) if of else "" for one, of in told.items()
        }
        return self._form.label.format_map(called).rstrip(": ") or source["source_title"]

    def _state(
        self, fields: Sequence[Field], source: ImportSource, parties: Sequence[str], label: str
    ) -> Iterator[Triple]:
        """Yield the statements of a form that is complete; none if it is not clear which, or if they are there."""
        if (tie := self._form.tie) is not None:
            relation = self._relation(tie, fields, source, parties)
            stated = self._state_tie(tie, fields, source, relation, parties) if relation is not None else iter(())
        elif self._form.told_apart_by:
            stated = self._state_finding(fields, source, label)
        else:
            stated = self._state_thing(fields, source)
        if (found := [*stated]) or (self._form.rdf_class == CD.Source and not self._problem):
            yield from found
            yield from (triple for triple, _ in self._things.statements(source.iri))
            yield from source.statements()

    def _state_finding(self, fields: Sequence[Field], source: ImportSource, label: str) -> Iterator[Triple]:
        """Yield a finding of the source, of the name of what it says of whom."""
        told = [one for predicate in self._form.told_apart_by for one in self._terms.get(predicate, ())]
        names = [ns.compact(one.value) for one in told]
        for parts in ([name.partition(":")[2] for name in names], [name.replace(":", "-") for name in names]):
            name = ns.fit_length(f"{source.iri.value.rpartition('/')[2]}--{'-'.join(parts)}")
            finding = NamedNode(f"{ns.ID}{self._form.name}/{name}")
            there = {quad.object for quad in match(self._store, finding, None, None, DefaultGraph())}
            if self._edited is not None and there.issuperset(told):
                break
            if there.issuperset(told):
                self._problem = self._said(bilingual("The source states it already."))
                return
            if not there:
                break
        if self._edited is not None and not self._is_edited(finding):
            return
        yield Triple(finding, RDF.type, self._form.rdf_class)
        yield Triple(finding, SKOS.prefLabel, Literal(label, language="en"))
        yield Triple(finding, CD.statedIn, source.iri)
        yield from self._of_fields(finding, fields)

    def _state_thing(self, fields: Sequence[Field], source: ImportSource) -> Iterator[Triple]:
        """Yield what a source says of a thing, or the source of itself: of a known one, what is not there yet."""
        described = self._described
        thing = NamedNode(self._things.settle(described)) if described is not None else source.iri
        said = [*self._of_fields(thing, [one for one in fields if one.predicate not in _OF_NEW])]
        is_new = source.declaration is not None if described is None else described.new is not None
        if self._is_edit_of_thing:
            old = {(one.predicate, one.object) for one in self._old}
            for number in [one.object for one in said if one.predicate == SCHEMA.sameAs]:
                if (SCHEMA.sameAs, number) not in old or (CD.uncheckedIdentifier, number) in old:
                    said.append(Triple(thing, CD.uncheckedIdentifier, number))
            if all(self._is_there(one) for one in said) and not self._replaced(fields, said):
                said = []
        elif not is_new:
            point = self._cells.point(self._cell("lat-1"), self._cell("long-1"), self._row)
            said += point.statements(thing, source.iri) if point else []
            said = [one for one in said if not self._is_there(one)]
        if said and not is_new and described is not None:
            said.append(Triple(thing, DCTERMS.source, source.iri))
        if said or is_new:
            yield from said
        else:
            self._problem = self._said(bilingual("The graph has all of it already."))

    def _is_there(self, said: Triple) -> bool:
        """Return True for what the graph says, and for another name in a language, written to find the thing."""
        there = {quad.object for quad in match(self._store, said.subject, said.predicate, None, DefaultGraph())}
        if said.predicate != SKOS.prefLabel or self._is_edit_of_thing:
            return said.object in there
        return getattr(said.object, "language", None) in {getattr(one, "language", None) for one in there}

    def _relation(
        self, tie: RelationTemplate, fields: Sequence[Field], source: ImportSource, parties: Sequence[str]
    ) -> Relation | None:
        """Return the tie of the parties, None if it is not clear which, or if the source has said it already."""
        relations = Relations(tie, self._names, source.iri.value)
        found = relations.between(parties, next((one.value[:4] for one in self._terms.get(CD.begin, ())), ""))
        if isinstance(found, Reason):
            self._problem = self._words(found)
            return None
        if self._edited is not None:
            return found if self._is_edited(account_of(source.iri, NamedNode(found.iri))) else None
        of_account = [one.predicate for one in fields if one.is_of_account]
        said = [(predicate, value) for predicate in of_account for value in self._terms.get(predicate, ())]
        compared = relations.compare(found, said, self._row)
        if compared.is_known:
            self._problem = self._said(bilingual("The source states it already."))
        elif not compared.is_new:
            lacks = bilingual("The source has an account of it already, which lacks {what}.", what=compared)
            self._problem = self._said(lacks)
        return found if compared.is_new else None

    def _is_edited(self, node: NamedNode) -> bool:
        """Return True for the account or finding that is edited; what is another one by now is refused."""
        if node != self._edited:
            self._problem = self._said(
                bilingual(
                    "Source and parties stay as they are where a statement is edited: add another, and withdraw it."
                )
            )
        return node == self._edited

    def _replaced(self, fields: Sequence[Field], triples: Sequence[Triple]) -> list[Quad]:
        """Return what was said of the fields of a form that is edited, and is no longer."""
        asked = {CD.uncheckedIdentifier, *(field.predicate for field in fields)} if triples else set()
        old = [one for one in self._old if one.predicate in asked]
        return [one for one in old if Triple(one.subject, one.predicate, one.object) not in triples]

    def _settle(self) -> list[str]:
        """Give all things that are named their IRIs; return those of the parties, in the order of the template."""
        for predicate, several in self._reconciled.items():
            self._terms[predicate] = [NamedNode(self._things.settle(one)) for one in several]
        predicates = dict.fromkeys(party.predicate for party in self._form.parties)
        return [one.value for predicate in predicates for one in self._terms.get(predicate, ())]

    def _state_tie(
        self,
        template: RelationTemplate,
        fields: Sequence[Field],
        source: ImportSource,
        relation: Relation,
        parties: Sequence[str],
    ) -> Iterator[Triple]:
        """Yield a tie with the account of it by the source."""
        tie = NamedNode(relation.iri)
        account = account_of(source.iri, tie)
        predicates = [party.predicate for party in template.parties]
        has_label = english_label(self._store, tie) is not None
        for _, triple in template.statements(tie, parties, self._things.label):
            if not has_label or triple.predicate not in self._form.derived:
                yield triple
        yield from (triple for _, triple in template.account(account, tie, source.iri))
        told = [one for one in fields if one.predicate not in predicates]
        yield from self._of_fields(tie, [one for one in told if not one.is_of_account])
        yield from self._of_fields(account, [one for one in told if one.is_of_account])

    def _of_fields(self, subject: NamedNode, fields: Iterable[Field]) -> Iterator[Triple]:
        """Yield what is written in fields, of a subject."""
        for field in fields:
            yield from (Triple(subject, field.predicate, one) for one in self._terms.get(field.predicate, ()))

    def _label(self, thing: NamedNode) -> str:
        chinese = chinese_label(self._store, thing) if self._is_chinese else ""
        found = label_lookup(self._store)(thing)
        english = found.value if found is not None and found.language == "en" else ""
        return chinese or english or thing.value.rpartition("/")[2]

    def _said(self, texts: tuple[str, str]) -> str:
        return texts[self._is_chinese]

    def _words(self, why: Reason) -> str:
        return why.message_zh if self._is_chinese and why.message_zh else f"{why.message} {why.hint}".strip()


def curated_statements(store: Store, node: NamedNode) -> list[Quad]:
    """Return what curators state of a node and of its tie, if it is an account, in the graph that gives its class."""
    typed = [one.graph_name for one in match(store, node, RDF.type)]
    graph = next((one for one in typed if isinstance(one, NamedNode) and graphs.is_curated(one.value)), None)
    stated = [*match(store, node, None, None, graph)] if graph is not None else []
    ties = [one for one in stated if one.predicate == CD.accountOf]
    return [*stated, *(quad for one in ties for quad in match(store, one.object, None, None, one.graph_name))]


def _new_kind(field: Field) -> str:
    """Return the kind of which a name in a field may become a new thing, empty if there is none."""
    return next((kind for kind in _NEW_KINDS if kind in field.kinds), "")


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _numbered(form: Form, given: Given) -> Iterator[tuple[str, str]]:
    """Yield what an address gives by the name of a property or the column of a table, under the names of inputs."""
    columns = {party.column: party.predicate.value.rpartition("#")[2] for party in form.parties}
    names = [*columns.values()]
    for at, (column, name) in enumerate(columns.items()):
        if texts := given.get(column):
            yield f"{name}-{names[: at + 1].count(name)}", texts[0]
    for key, texts in given.items():
        if key not in columns and "-" not in key and "." not in key:
            yield from ((f"{key}-{number}", text) for number, text in enumerate(texts, start=1))


def _date(predicate: NamedNode, text: str) -> Literal:
    """Return the date that a text names, also with “since” or “until”. Raises UnfitCellError."""
    period = parse_period(text)
    found = (period.end or period.begin) if predicate == CD.end else (period.begin or period.end)
    if found is None or period.has_more or (period.begin is not None and period.end is not None):
        hint = "Write begin and end in their own fields, and all else into the note."
        raise UnfitCellError(reason("{date!r} is not a date.", hint, date=shorten(text)))
    return found.literal


def _number(text: str, datatype: NamedNode) -> Literal:
    plain = text.replace(",", "").replace(" ", "")
    try:
        whole = datatype != XSD.decimal
        return Literal(str(int(plain)) if whole else str(float(plain)), datatype=datatype)
    except ValueError:
        hint = "Write digits, such as 1200."
        raise UnfitCellError(reason("{number!r} is not a number.", hint, number=shorten(text))) from None


def _identifiers(text: str) -> list[Identifier]:
    """Return the identifiers of known authorities that a text may be."""
    return [one for one in Identifier.possible(text) if one.authority] if text else []
