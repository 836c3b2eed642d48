"""The command line: data on stdout, words on stderr, one document with `--json`. Nothing heavy is imported before a command runs."""
