"""Tables in CSV: the templates for relations, the cells, and the dates and names in them."""

from kg.submissions.tables.printed_dates import BadDateError, PrintedDate, printed_date
from kg.submissions.tables.templates import DATES, MEMBERSHIP, TWINNING, Template, read_csv

__all__ = ["DATES", "MEMBERSHIP", "TWINNING", "BadDateError", "PrintedDate", "Template", "printed_date", "read_csv"]
