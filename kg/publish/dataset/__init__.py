"""Descriptions of the data set itself: dumps, VoID, DCAT, the service description, prefixes."""

from kg.publish.dataset.descriptions import (
    DatasetSummary,
    dataset_summary,
    prefix_declarations,
    service_description,
    void_description,
    with_service_addresses,
)
from kg.publish.dataset.dumps import Dump, checksums
