"""Measurements against other programs: ``python -m benchmarks --help``."""
