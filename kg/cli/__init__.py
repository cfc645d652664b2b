"""The command line, and what the commands of other packages share with ours."""

from kg.cli.options import ENGINE_OPTIONS, build_with_progress, data_option, report_errors, works_options
