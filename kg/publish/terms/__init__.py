"""The terms as documents: the ontology, the vocabularies, the shapes; and how terms are used."""

from kg.publish.terms.documents import Terms
from kg.publish.terms.readings import AboutTerms, about_terms
from kg.publish.terms.usage import counts_of_terms, examples_of_term, shapes_of_term

__all__ = ["AboutTerms", "Terms", "about_terms", "counts_of_terms", "examples_of_term", "shapes_of_term"]
