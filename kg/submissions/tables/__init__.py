"""Tables in CSV: the templates for relations, places and countries, the cells, and the dates and names in them."""

from kg.submissions.tables.printed_dates import BadDateError, PrintedDate, printed_date
from kg.submissions.tables.reader import read_csv
from kg.submissions.tables.templates import DATES, MEMBERSHIP, TWINNING, OfRelations

__all__ = ["DATES", "MEMBERSHIP", "TWINNING", "BadDateError", "OfRelations", "PrintedDate", "printed_date", "read_csv"]
