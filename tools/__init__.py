"""What makes files of data that come with the project: maintainers run it by hand, and no program of ours does."""
