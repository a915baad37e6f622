"""The command line: one module for each command, and one place where errors are shown."""
