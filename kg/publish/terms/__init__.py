"""Terms as documents: the ontology, the vocabularies, the shapes; and how terms are used."""

from kg.publish.terms.documents import AboutTerms, Terms, about_terms
from kg.publish.terms.usage import (
    counts_of_terms,
    examples_of_term,
    shapes_of_term,
    things_by_concept,
    uses_of_concept,
)
