"""What a change would mean for the graph: information for who makes or reviews it, and never a refusal.

See docs/decisions/effects.md.
"""

from kg.curation.effects.answers import AT_ONCE, Answers
from kg.curation.effects.effects import Effects, effects_of
