"""Help for a query editor: completion, checks, formatting, and words about what stands at a place of a query.

See docs/decisions/assistance.md.
"""

from kg.assist.checking import CheckedQuery, check
from kg.assist.completing import Completion, complete
from kg.assist.formatting import FormattedQuery, format_query
from kg.assist.hovering import Hover, hover
