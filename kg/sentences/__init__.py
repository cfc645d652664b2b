"""Statements in sentences: one template for each kind of account, statement and interpretation.

A sentence is a text, and the parts of it, of which names have IRIs. What an account adds to its tie shows in its
sentence, and nothing else does. See docs/decisions/sentences.md.
"""

from kg.sentences.changes import ChangedThing, changed_sentences
from kg.sentences.chinese import chinese_sentence
from kg.sentences.phrases import Sentence
from kg.sentences.statements import account_sentences, in_print, sentences, triple_sentences
