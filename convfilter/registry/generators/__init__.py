"""Kernels made from a few parameters: ``gaussian:sigma=2.5``."""
