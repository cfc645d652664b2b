"""Statements in sentences: one template for each kind of account, statement and interpretation.

A sentence is a text, and the parts of it, of which names have IRIs. What an account adds to its tie shows in its
sentence, and nothing else does. See docs/decisions/sentences.md.
"""

from kg.sentences.chinese import chinese_sentence
from kg.sentences.objections import objection_sentence
from kg.sentences.phrases import Sentence
from kg.sentences.statements import account_sentences, in_print, marks, sentences, triple_sentences

__all__ = [
    "Sentence",
    "account_sentences",
    "chinese_sentence",
    "in_print",
    "marks",
    "objection_sentence",
    "sentences",
    "triple_sentences",
]
