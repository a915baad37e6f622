"""Convolution of arrays: the plan of what to run, the algorithms, bands and threads."""
