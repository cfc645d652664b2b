"""What the data set says of itself: dumps, VoID, DCAT, the service description, the canned queries as examples."""

from kg.publish.dataset.dcat import served
from kg.publish.dataset.descriptions import Summary, query_examples, service_description, summary, void_description
from kg.publish.dataset.dumps import Dump, checksums

__all__ = [
    "Dump",
    "Summary",
    "checksums",
    "query_examples",
    "served",
    "service_description",
    "summary",
    "void_description",
]
