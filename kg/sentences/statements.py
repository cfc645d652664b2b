"""Sentences of accounts, findings, figures, citations, groups and interpretations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pyoxigraph import DefaultGraph, Literal, NamedNode

from kg.rdf import namespaces as ns
from kg.rdf.lookup import Term, match
from kg.rdf.vocabulary import CD, DCTERMS, RDF
from kg.sentences.draft import Draft, repeats, times_text
from kg.sentences.phrases import (
    ARTICLES,
    WORDS,
    Phrase,
    Sentence,
    any_of,
    closed,
    fill,
    linked,
    listed,
    lowered,
    quoted,
    text_part,
)
from kg.sentences.things import activity, mention, thing
from kg.sentences.ties import TIES, character, parties
from kg.wording import (
    ACCOUNT_PREDICATES,
    MARKS,
    Facts,
    IriText,
    NamedThing,
    TaggedText,
    Wording,
    date_text,
    literal_text,
    texts,
    thing_of_account,
)

_CLEAR = NamedNode(f"{ns.VOCABULARY}strength/clear")
"""The default for an assignment, which is not marked."""
_ONE = NamedNode(f"{ns.VOCABULARY}unit/one")
"""The unit of things that are counted, such as inhabitants; `unit:percent` and others measure."""
_RANK = NamedNode(f"{ns.VOCABULARY}measure/rank")
"""The measure of a number that orders things and counts none."""
_TO_DATE, _FROM_THEN_ON = (any_of(WORDS[name]) for name in ("to_date", "from_then_on"))
_IMPLIES = {label: any_of(words, re.IGNORECASE) for label, words in WORDS["implies"].items()}
_NOW, _LATELY, _BEFORE = (any_of(WORDS[name], re.IGNORECASE) for name in ("now", "lately", "before"))
_OWNERS = frozenset({"city", "country", "nation", "region", "district", "network", "publication"})
"""The kinds of things that have what is counted of them: Beijing has 47 pairs of sister cities."""
_BEARERS_OF_NAMES = _OWNERS | {"organisation", "person"}
"""The kinds of things that a statement has to name: what it says of groups and ties it says in words of its own."""
_CONCERNED = (
    (CD.addressedTo, "addressed to {names}"),
    (CD.exception, "except {names}"),
    (CD.about, "concerning {names}"),
    (CD.affected, "concerning {names}"),
)
"""What a statement is said of, with the words that follow where its text does not name it."""
_UNNAMED = re.compile(r"An? ")
"""The beginning of the label of a person or body that a source does not name."""
_MULTIPLE = re.compile(r"-(\w+ed|century)$")
"""A printed number that is an adjective, such as two-pronged or quarter-century."""
_HEAD_END = re.compile(r",| (?:of|in|to|with|at|that|which|who)\b")
"""The end of the noun that is counted: person at the same council."""
_CAPITAL = re.compile(r"^[A-Z](?=[a-z])")
"""The capital letter of a number in words that begins a sentence where it is printed."""
_AIM = re.compile(r"(to|that)\b|[a-z]+ing\b")
"""Beginnings of purposes that tell what is done or is to be."""
_DATED = re.compile(r"(in|on|from) .*\d{4}")
"""A time that reads well at the beginning of a sentence."""
_YEAR = re.compile(r"\d{4}s?")
_WHERE = re.compile(r"\(RUSI 2025, (.*)\)$")
"""The end of the name of an interviewee, which says where the words are."""


def sentences(wording: Wording, node: NamedNode, graph: NamedNode | DefaultGraph) -> list[Sentence]:
    """Return the statements of a graph about a node in sentences: of a relation, those of its account in this graph.

    Anything that no template is for is only named.
    """
    facts = wording.facts(node, graph)
    if thing_of_account(facts):
        return account_sentences(wording, facts)
    draft = Draft(wording, node, facts)
    if CD.says in facts:
        return _accounts(wording, node, graph) or _says(draft)
    for predicate, template in _BY_PROPERTY.items():
        if predicate in facts:
            return [closed(template(draft)), *_notes(draft)]
    return _accounts(wording, node, graph, limit=1) or [_as_sentence(wording.name_of(node)), *_notes(draft)]


def _accounts(
    wording: Wording, thing: NamedNode, graph: NamedNode | DefaultGraph, limit: int | None = None
) -> list[Sentence]:
    """Return what the accounts of a thing say of it, with their states: what was refused is not told as planned."""
    quads = match(wording.store, None, CD.accountOf, thing, graph)
    accounts = sorted({quad.subject for quad in quads if isinstance(quad.subject, NamedNode)}, key=str)[:limit]
    said = [one for account in accounts for one in account_sentences(wording, wording.facts(account, graph))]
    return list({one["text"]: one for one in said}.values())


def account_sentences(
    wording: Wording, account: Facts, source: IriText | None = None, subject: NamedNode | None = None
) -> list[Sentence]:
    """Return what an account says of its thing in sentences, of which the first names the source if it is given.

    The subject of a twinning is `subject`, if it is given.
    """
    about = thing_of_account(account)
    assert about is not None
    draft = Draft(wording, about, account, subject)
    by = [source] if source else []
    found = _of_account(draft, by) if CD.says not in account else _of_activity(draft)
    draft.take(DCTERMS.bibliographicCitation)
    found += _more(draft, is_alone=not found)
    notes = _notes(draft)
    return [*(found or ([] if notes else [closed(mention(draft))])), *notes]


def _of_activity(draft: Draft) -> list[Sentence]:
    """Return the sentences of an account that has them, which of an activity may add values that they do not name."""
    says = " ".join(text["text"] for text in texts(draft.facts, CD.says))
    said = _says(draft)
    if ns.kind_of(draft.thing.value) != "activity":
        for predicate in ACCOUNT_PREDICATES:  # the sentence is the whole account of anything else
            draft.take(predicate)
        return said
    added = activity(draft, says)
    return [*said, *([closed(added)] if added else [])]


def _of_account(draft: Draft, source: Phrase) -> list[Sentence]:
    template = TIES.get(ns.kind_of(draft.thing.value))
    clause = template(draft, source) if template and parties(draft) else thing(draft)
    tails = draft.tails(clause or draft.name())
    clause = (clause or (mention(draft) if tails else [])) + tails
    if source and clause and source[0] not in clause:
        clause += fill(" ({source})", source=source)
    if clause and CD.implied in draft.facts and (further := character(draft)):
        clause += fill(" and that {further}", further=further)
    return [closed(clause)] if clause else []


def _more(draft: Draft, *, is_alone: bool) -> list[Sentence]:
    """Return what stands beside the clause of an account: character, purposes, and what no template takes."""
    found = [closed(clause)] if (clause := character(draft)) else []
    texts_of = _literals(draft.take(CD.purpose))
    purposes = [text_part(lowered(text.value.rstrip(".")), text.language or "en") for text in texts_of]
    said = " ".join(text["text"] for text in texts(draft.facts, CD.says))
    purposes = [purpose for purpose in purposes if purpose and not repeats(said, purpose[0]["text"])]
    if purposes:
        is_money = CD.funder in draft.tie and not is_alone and not _AIM.match(purposes[0][0]["text"])
        template = "the purpose{of} is {purposes}" if len(purposes) == 1 else "the purposes{of} are {purposes}"
        of = fill(" of {name}", name=draft.name()) if is_alone else []
        between = ("; ", "; and ") if any("," in purpose[0]["text"] for purpose in purposes) else (", ", " and ")
        template = "the money is for {purposes}" if is_money else template
        found.append(closed(fill(template, of=of, purposes=listed(purposes, *between))))
    for predicate, values in draft.left(ACCOUNT_PREDICATES):
        found.append(_as_sentence(draft.wording.property_text(predicate, values)))
    return found


def _says(draft: Draft) -> list[Sentence]:
    """Return the sentences of a statement, the last with the times and speakers that they do not name."""
    said = texts(draft.facts, CD.says)
    draft.take(CD.says)
    whole = " ".join(text["text"] for text in said)
    times, remarks, speakers = _times(draft, whole), _concerned(draft, whole), _speakers(draft, whole)
    if CD.accountOf in draft.facts:
        times += _duration(draft, whole)
        qualifying = [one for predicate in (*MARKS, CD.status) for one in draft.take(predicate)]
        implied = " ".join([whole, "current", *(label for label, words in _IMPLIES.items() if words.search(whole))])
        remarks += [draft.mark(one) for one in qualifying if not draft.has_name_in(one, implied)]
        draft.take(CD.implied)
    return [*map(_as_sentence, said[:-1]), *(_with_remarks(text, times, remarks, speakers) for text in said[-1:])]


def _concerned(draft: Draft, says: str) -> list[Phrase]:
    """Return the things with names that a statement is said of and that its text does not name."""
    found: list[Phrase] = []
    for predicate, template in _CONCERNED:
        named = [one for one in draft.take(predicate) if _bears_name(draft, one) and not draft.has_name_in(one, says)]
        found += [fill(template, names=draft.names(named))] if named else []
    return found


def _bears_name(draft: Draft, value: Term) -> bool:
    is_of_kind = isinstance(value, NamedNode) and ns.kind_of(value.value) in _BEARERS_OF_NAMES
    return is_of_kind and not _UNNAMED.match(draft.label(value))


def _times(draft: Draft, says: str) -> list[Phrase]:
    """Return the times of a statement that its text does not name."""
    times = [one for one in _literals(draft.take(CD.atTime)) if not _names_time(says, one.value)]
    return [text_part(times_text(times))] if times else []


def _duration(draft: Draft, says: str) -> list[Phrase]:
    """Return when an activity was, unless its text names it: in 2022; of one that goes on, since when."""
    begins, ends = _literals(draft.take(CD.begin)), _literals(draft.take(CD.end))
    if all(_names_time(says, one.value) for one in (*begins, *ends)):
        return []
    since, until = (" and ".join(map(date_text, times)) for times in (begins, ends))
    if begins and ends:
        return [text_part(f"from {since} to {until}" if since != until else times_text(begins))]
    if begins and _FROM_THEN_ON.search(says):
        return [text_part(f"since {since}")]
    return [text_part(times_text(begins) if begins else f"until {until}")]


def _speakers(draft: Draft, says: str) -> Phrase:
    """Return the speakers of a statement that its text does not name, as the end of a clause."""
    speakers = [one for one in draft.take(CD.attributedTo) if not draft.has_name_in(one, says)]
    return fill(", according to {speakers}", speakers=draft.speakers(speakers)) if speakers else []


def _names_time(says: str, time: str) -> bool:
    """Return True if a text names a time: its words, or all its years."""
    years = _YEAR.findall(time)
    for words in (_NOW, _LATELY, _BEFORE):
        if words.match(time) and words.search(says):
            return True
    if _NOW.match(time) and not _IMPLIES["former"].search(says):  # the present tense says so
        return True
    if time == "to date" and _TO_DATE.search(says):
        return True
    if years:
        return time.casefold() in says.casefold() or all(year in says for year in years)
    return time.casefold() in says.casefold() or repeats(says, time)


def _with_remarks(text: TaggedText, times: list[Phrase], remarks: list[Phrase], speakers: Phrase) -> Sentence:
    """Return a sentence with what it does not name: a time, before an article if one begins it, and doubts."""
    if not times and not remarks and not speakers:
        return _as_sentence(text)
    body = text_part(text["text"].removesuffix("."), text["lang"])
    if len(times) == 1 and text["text"].startswith(ARTICLES) and _DATED.match(times[0][0]["text"]):
        body, times = times[0] + text_part(", ") + text_part(lowered(body[0]["text"]), text["lang"]), []
    elif len(times) == 1:
        body, times = body + text_part(", ") + times[0], []
    remarks = times + remarks
    return closed(body + (fill(" ({remarks})", remarks=listed(remarks, "; ", "; ")) if remarks else []) + speakers)


def _figure(draft: Draft) -> Phrase:
    """Return the clause of a number: what is counted or measured, of which population."""
    facts = draft.facts
    numbers = [*texts(facts, CD.printedValue), *map(literal_text, _literals(facts.get(CD.value, [])))]
    if len(numbers) > 1 and _MULTIPLE.search(numbers[0]["text"]):
        numbers = numbers[1:]
    number = text_part(_CAPITAL.sub(lambda found: found[0].lower(), numbers[0]["text"])) if numbers else []
    printed = "".join(part["text"] for part in number)
    counts = [(text, text["text"].partition("; ")) for text in texts(facts, CD.counts)]
    counted = listed([text_part(head, text["lang"]) for text, (head, _, _) in counts])
    beside = [text_part(f"; {rest}", text["lang"]) for text, (_, _, rest) in counts if rest]
    says = "".join(part["text"] for part in counted)
    whose = [one for one in facts.get(CD.ofPopulation, []) if not draft.has_name_in(one, f"{printed} {says}")]
    remarks, speakers = _times(draft, says), _speakers(draft, " ".join([says, *map(draft.label, whose)]))
    kinds = {ns.kind_of(one.value) if isinstance(one, NamedNode) else "" for one in whose}
    template = _figure_template(facts, says, printed, is_whole=bool(whose), is_owner=bool(whose) and kinds <= _OWNERS)
    fields = draft.verbs(whose) | {"whose": draft.names(whose), "number": number, "counted": counted}
    clause = fill(template, **fields)
    if whose and template.startswith(("the ", "there are ")) and kinds.isdisjoint(("group", "activity")):
        clause = fill("for {whose}, ", whose=draft.names(whose)) + clause
    elif whose and not template.startswith("{whose}"):
        remarks = [fill("for {whose}", whose=draft.names(whose)), *remarks]
    clause += fill(" ({remarks})", remarks=listed(remarks, "; ", "; ")) if remarks else []
    return clause + speakers + listed(beside, "", "")


def _figure_template(facts: Facts, counted: str, printed: str, *, is_whole: bool, is_owner: bool) -> str:
    """Return the template of a number by its measure and unit.

    What is counted follows the number, but for averages and for "at least one" of things in the plural.
    """
    end = "," if "," in counted else ""
    if _RANK in facts.get(CD.measure, []):
        is_ordinal = is_whole and not printed.isdecimal()
        return "{whose} {be} the {number} {counted}" if is_ordinal else "the rank is {number}: {counted}"
    if _ONE in facts.get(CD.unit, []):
        is_one = any(value.value == "1" for value in _literals(facts.get(CD.value, [])))
        template = _count_template(counted, printed, end, is_one=is_one)
        return re.sub("^there (is|are)", "{whose} {have}", template) if is_owner else template
    if counted.startswith("of "):
        return "the share is {number} {counted}"
    is_share = any(value.value.rstrip().endswith("%") for value in _literals(facts.get(CD.printedValue, [])))
    return f"the {'share of ' if is_share else ''}{{counted}}{end} is {{number}}"


def _count_template(counted: str, printed: str, end: str, *, is_one: bool) -> str:
    """Return the template of how many there are, with the comma that ends what is counted if the number follows it."""
    is_single = is_one and not _HEAD_END.split(counted)[0].endswith("s")
    if counted.startswith("who ") or printed.startswith("the "):
        return f"{{number}} {{counted}}{end} is counted"
    if "average" in counted or (is_one and not is_single):
        return f"the number of {{counted}}{end} is {{number}}"
    return f"there {'is' if is_single else 'are'} {{number}} {{counted}}"


def _citation(draft: Draft) -> Phrase:
    """Return the clause of a citation: Footnote 5 cites Lee (2013) for Section 2.1, paragraph 3."""
    by, cited = draft.take(CD.statedIn), draft.take(CD.cites)
    passages = [one for one in cited if isinstance(one, NamedNode) and ns.kind_of(one.value) == "passage"]
    place = [one for one in draft.take(CD.citedFor) if one not in by]
    template = "{by} points to {cited}" if passages else "{by} cites {cited}"
    return fill(
        template + (" for {place}" if place else ""),
        by=draft.names(by),
        cited=draft.names(cited),
        place=draft.names(place),
    )


def _members(draft: Draft) -> Phrase:
    """Return the clause of a group with its members, and with the larger group if it is part of one.

    Members whom its name lists are not named again; of people who are not named, the places of their words follow.
    """
    members = draft.take(CD.groupMember)
    if all(draft.has_name_in(one, draft.label(draft.thing)) for one in members):
        return _part_of_group(draft)
    words = [(found, one) for one in members if (found := _WHERE.search(draft.label(one)))]
    fields = draft.verbs([draft.thing]) | {"name": draft.name(), "larger": draft.named(CD.subgroupOf)}
    if len(words) == len(members):
        said = [[linked(found[1], one)] for found, one in words]
        clause = fill("{name} speak without their names in {said}", said=listed(said, "; ", "; and "), **fields)
    else:
        clause = fill("{name} {include} {members}", members=draft.names(members), **fields)
    return clause + (fill(" and {be} part of {larger}", **fields) if fields["larger"] else [])


def _part_of_group(draft: Draft) -> Phrase:
    """Return the clause of a group that is part of a larger one, or consists of what its name lists."""
    fields = draft.verbs([draft.thing]) | {"name": draft.name(), "larger": draft.named(CD.subgroupOf)}
    return fill("{name} {be} part of {larger}" if fields["larger"] else "{name} {be} spoken of as a group", **fields)


def _assignment(draft: Draft) -> Phrase:
    """Return the clause of an assignment: Kobe's office in Tianjin performs the function facilitating communication."""
    doubts = [one for one in draft.take(CD.strength) if one != _CLEAR]
    who = draft.take(CD.performedBy)
    names, function = draft.names(who), draft.named(CD.function)
    end = "," if any("," in draft.label(one) for one in who) else ""
    clause = fill(
        f"{{who}}{end} {{perform}} the function of {{function}}", who=names, function=function, **draft.verbs(who)
    )
    return clause + (fill(" ({doubts})", doubts=listed(list(map(draft.mark, doubts)))) if doubts else [])


def _support(draft: Draft) -> Phrase:
    passages = draft.take(CD.onPassage)
    template = "{passages} support {what}" if len(passages) > 1 else "{passages} supports {what}"
    supported = [fill("“{title}”", title=draft.value(one)) for one in draft.take(CD.supports)]
    return fill(template, passages=draft.names(passages), what=listed(supported))


def _spelling(draft: Draft) -> Phrase:
    spelt, read = quoted(draft.take(CD.spelling)), draft.named(CD.identifiedAs)
    return fill("{spelt} in {passages} is read as {read}", spelt=spelt, passages=draft.named(CD.onPassage), read=read)


_BY_PROPERTY: Mapping[NamedNode, Callable[[Draft], Phrase]] = {
    CD.counts: _figure,
    CD.cites: _citation,
    CD.function: _assignment,
    CD.supports: _support,
    CD.spelling: _spelling,
    CD.groupMember: _members,
    CD.subgroupOf: _part_of_group,
}
"""The template of a statement without a sentence of its own, by the property that makes it one."""


def has_template(facts: Facts) -> bool:
    """Return True if there is a sentence for what these statements are about, and not its name alone."""
    return CD.says in facts or thing_of_account(facts) is not None or not facts.keys().isdisjoint(_BY_PROPERTY)


def in_print(wording: Wording, node: NamedNode, graph: NamedNode | DefaultGraph) -> Sentence | None:
    """Return how an account has names in print if it has them otherwise, and how a work is cited; None if neither."""
    facts = wording.facts(node, graph)
    about = thing_of_account(facts)
    if about is None:
        return None
    draft = Draft(wording, about, facts)
    printed = draft.printed(parties(draft))
    cited = quoted(draft.take(DCTERMS.bibliographicCitation))
    found = [*([printed] if printed else []), *([fill("cited as {cited}", cited=cited)] if cited else [])]
    return closed(listed(found, "; ", "; ")) if found else None


def _notes(draft: Draft) -> list[Sentence]:
    """Return the notes of a statement, which are sentences of an account, and the reasons of an interpretation."""
    notes = [*map(_as_sentence, texts(draft.facts, CD.note))]
    if CD.accountOf not in draft.facts:
        notes[:1] = [closed([*text_part("Note: "), *note["parts"]]) for note in notes[:1]]
    return [*notes, *map(_as_sentence, texts(draft.facts, CD.reason))]


def _as_sentence(text: TaggedText | NamedThing) -> Sentence:
    return closed(text_part(text["text"], text["lang"]))


def _literals(values: Iterable[Term]) -> list[Literal]:
    return [value for value in values if isinstance(value, Literal)]


def triple_sentences(
    wording: Wording, subject: NamedNode, predicate: NamedNode, objects: Iterable[Term], graph: NamedNode
) -> list[Sentence]:
    """Return triples with one subject and predicate in sentences.

    These are the sentences about the subject, unless the predicate holds a sentence itself; values that are missing in
    them are added: `Printed as “ANSHANG”`, `group member: Leeds, York`.
    """
    values = sorted(objects, key=str)
    own = sentences(wording, subject, graph)
    if predicate == CD.printedName:
        return [*own, closed(fill("Printed as {names}", names=quoted(values)))]
    said = [_as_sentence(TaggedText(text=v.value, lang=v.language)) for v in _literals(values) if v.language]
    if said and predicate in (CD.says, CD.note):
        is_told = all(any(text["text"] in one["text"] for one in own) for text in said)
        return own if is_told else [*own, *said]
    is_covered = _covers(wording, subject, predicate, graph)
    return own if is_covered else [*own, _as_sentence(wording.property_text(predicate, values))]


def _covers(wording: Wording, subject: NamedNode, predicate: NamedNode, graph: NamedNode) -> bool:
    """Return True if the sentences about a subject include the values of a predicate."""
    facts: Mapping[NamedNode, Any] = wording.facts(subject, graph)
    if CD.accountOf in facts:
        return predicate in (*ACCOUNT_PREDICATES, CD.accountOf, CD.character)
    if CD.says in facts:
        return True
    if CD.counts in facts:
        return predicate not in (CD.about, CD.attributedTo, CD.ofPopulation)
    return any(match(wording.store, subject, RDF.type, CD.Relation)) or predicate == CD.cites
