"""The command line, and what the commands of other packages share with ours."""

from kg.cli.options import ENGINE_OPTIONS, build_shown, data_option, says_what_is_wrong, works_options

__all__ = ["ENGINE_OPTIONS", "build_shown", "data_option", "says_what_is_wrong", "works_options"]
