"""The command line, and what the commands of other packages share with ours."""

from kg.cli.options import ENGINE_OPTIONS, data_option, progress_shown, says_what_is_wrong, works_options
from kg.cli.output import print_summary

__all__ = ["ENGINE_OPTIONS", "data_option", "print_summary", "progress_shown", "says_what_is_wrong", "works_options"]
