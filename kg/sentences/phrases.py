"""Phrases: texts and linked names, filled into templates, listed, and closed as sentences."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Formatter
from typing import Any

from pyoxigraph import Literal, NamedNode

from kg.rdf import namespaces as ns
from kg.rdf.lookup import Term
from kg.rdf.vocabulary import XSD
from kg.wording import IriText, NamedThing, TaggedText, date_text

Phrase = list[IriText]
"""Texts and names in their order; a name has its IRI."""

_VOWEL = re.compile(r"(?i)[aeio]|u(?!k\b|n[i]|s)")
"""Beginnings that take "an", as far as labels of the vocabularies have them."""
ARTICLES = ("A ", "An ", "The ", "Another ")
_BODIES = frozenset({"organisation", "network", "country"})
"""The kinds of things whose names take "the" if a common noun is their head."""
WORDS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
"""Words by which sentences are put together, by what they are for."""


def any_of(words: Iterable[str], flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """Return the pattern of any of some words."""
    return re.compile(rf"\b({'|'.join(words)})\b", flags)


_TAKES_ARTICLE = re.compile(
    r"(?!(An?|Another|The) |Bank of)(?!.*\b(City|County|Borough) Council)[^(]*?\b"
    rf"({'|'.join(WORDS['heads'])})(?=$|,| \(| of | for | in | on | with )"
)
"""Names whose head is a common noun: the European Union, but Bank of Beijing and Leeds City Council."""
_UNNAMED = re.compile(r"(Academic|Researcher|Australian researcher)(?= o[fn] )")
"""Names of people who are not named, which lack their article."""
_WORK = any_of(WORDS["works"])
_WITH_ARTICLE = any_of(WORDS["articled"])
_COMMON = re.compile(rf"({'|'.join(WORDS['common'])})\b(?! Team)")
_LEADING = any_of(WORDS["leading"], re.IGNORECASE)
_LOWER = re.compile(rf"^(?!{'|'.join(WORDS['proper'])})[A-Z](?=[a-z ])")
"""The capital letter of a common word that begins a name or purpose, and which it has not within a sentence."""
_SPAN = re.compile(r"^\d{4} to \d{4}$")
_WHERE_SAID = re.compile(r" \([^()]*\b(paragraph|not named)\b[^()]*\)$")
"""The end of the name of a person who is not named, which says where the person speaks."""


class Sentence(TaggedText):
    """A sentence as a text, and in parts, of which names have IRIs."""

    parts: list[IriText]


def text_part(text: str, lang: str = "en") -> Phrase:
    """Return a text as a phrase, none if it is empty."""
    return [IriText(text=text, iri=None, lang=lang)] if text else []


def linked(text: str, thing: Term) -> IriText:
    """Return a text that leads to a thing."""
    return IriText(text=text, iri=thing.value if isinstance(thing, NamedNode) else None, lang="en")


def name_part(thing: NamedThing) -> Phrase:
    """Return the name of a thing as a phrase, with "the" before names of bodies that take it."""
    kind, text = ns.kind_of(thing["iri"]), thing["text"]
    if kind == "person" and (unnamed := _UNNAMED.match(text)):
        text = (
            f"A{'n' if text[0] == 'A' else ''} {text if unnamed[0].startswith('Aus') else text[0].lower() + text[1:]}"
        )
    articled = _TAKES_ARTICLE if kind in _BODIES else _WORK if kind == "publication" else _WITH_ARTICLE
    takes_article = articled.match(text)
    said = _WHERE_SAID.sub("", text) if kind == "person" else text
    if takes_article and kind not in _BODIES:
        said = lowered(said)
    return [*text_part("the " if takes_article else ""), IriText(text=said, iri=thing["iri"], lang=thing["lang"])]


def lowered(text: str) -> str:
    """Return a text as it stands within a sentence: with a small letter, unless a proper name begins it."""
    return _LOWER.sub(lambda found: found[0].lower(), text, count=1)


def fill(template: str, **fields: Phrase) -> Phrase:
    """Return a template with phrases in its fields."""
    filled: Phrase = []
    for text, field, _, _ in Formatter().parse(template):
        filled += text_part(text)
        filled += fields[field] if field else []
    return filled


def listed(several: Sequence[Phrase], between: str = ", ", last: str = " and ") -> Phrase:
    """Return phrases as a list: A, B and C."""
    found: Phrase = []
    for place, phrase in enumerate(several):
        found += text_part("" if place == 0 else last if place == len(several) - 1 else between)
        found += phrase
    return found


def with_article(label: str) -> str:
    """Return a noun with its indefinite article: an office abroad."""
    return f"{'an' if _VOWEL.match(label) else 'a'} {label}"


def quoted(literals: Iterable[Term]) -> Phrase:
    """Return literals in quotation marks, as a list."""
    return listed([text_part(f"“{value.value}”") for value in literals if isinstance(value, Literal)])


def when(literal: Literal) -> str:
    """Return a time with the preposition that it takes: in December 2014, on 7 July 2000, in the 1980s, at present."""
    if literal.value in WORDS["times"]:
        return str(WORDS["times"][literal.value])
    text = date_text(literal)
    if literal.datatype == XSD.date:
        return f"on {text}"
    return text if _LEADING.match(text) else f"from {text}" if _SPAN.match(text) else f"in {text}"


def closed(phrase: Phrase) -> Sentence:
    """Return a phrase as a sentence: with a capital letter, unless a name begins it, and a full stop."""
    parts: list[IriText] = []
    for part in (_within(part) if place else part for place, part in enumerate(phrase)):
        if parts and part["iri"] is None and parts[-1]["iri"] is None and part["lang"] == parts[-1]["lang"]:
            parts[-1] = {**parts[-1], "text": parts[-1]["text"] + part["text"]}
        elif part["text"]:
            parts.append(part)
    if parts and parts[0]["iri"] is None:
        parts[0] = {**parts[0], "text": parts[0]["text"][:1].upper() + parts[0]["text"][1:]}
    text = "".join(part["text"] for part in parts)
    if parts and not text.rstrip("”’\"')").endswith((".", "?", "!", "。")):
        parts = [*parts, IriText(text=".", iri=None, lang="en")] if parts[-1]["iri"] else parts
        parts[-1] = parts[-1] if parts[-1]["text"].endswith(".") else {**parts[-1], "text": parts[-1]["text"] + "."}
        text = "".join(part["text"] for part in parts)
    return Sentence(text=text, lang=parts[0]["lang"] if len(parts) == 1 else "en", parts=parts)


def _within(part: IriText) -> IriText:
    """Return a part as it stands within a sentence: a name that begins with a common word has a small letter there."""
    iri, text = part["iri"], part["text"]
    is_group = iri is not None and (ns.kind_of(iri) in ("group", "activity") or " government of " in text)
    is_titled = iri is not None and ns.kind_of(iri) == "publication"
    is_noun = (
        iri is not None and not is_titled and (text.startswith(ARTICLES) or bool(is_group and _COMMON.match(text)))
    )
    return {**part, "text": part["text"][0].lower() + part["text"][1:]} if is_noun else part
