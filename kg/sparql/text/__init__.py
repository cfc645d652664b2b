"""The text of SPARQL, read without the engine: its tokens, declarations and form, and whether it holds SERVICE."""

from kg.sparql.text.forms import FORMS, QuerySyntaxError, form_of
from kg.sparql.text.scanner import Scanner
from kg.sparql.text.tokenizer import Prologue, Token, holds_service, tokens
