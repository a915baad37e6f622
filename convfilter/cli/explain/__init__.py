"""``convfilter explain``: kernels, and the window over one pixel, told for people."""
