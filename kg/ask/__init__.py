"""Answer questions in people's own words, without a model: names become parameters, and passages are ranked by BM25.

See docs/decisions/ask.md.
"""

from kg.ask.answers import AskAnswer, ask
from kg.ask.search import SearchExtras, SearchPage, TextCompletion, completions, search
from kg.ask.understanding import LONGEST
