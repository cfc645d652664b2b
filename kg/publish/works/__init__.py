"""Works such as the report, passage by passage and in sentences, and the disagreements of their passages."""

from kg.publish.works.contents import work_contents, works
from kg.publish.works.pairs import membership_evidence, twinning_evidence
from kg.publish.works.passages import work_passage, work_section
from kg.publish.works.sides import disagreement, disagreements
