"""Freed memory that is kept for the next band or picture."""

import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Parameters of the C library's `mallopt`."""

LARGEST_KEPT = 2**25
"""Pieces of more bytes go back to the system as soon as they are freed."""

MOST_KEPT = 2**28
"""If more bytes lie free at the end of the heap, they go back to the system."""


def keep_freed_memory() -> None:
    """Keep what is freed in this process: faulting it in again costs as much as a blur.

    For processes that filter and end, not for a library, whose host decides that. Other C
    libraries than glibc are left as they are.
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, LARGEST_KEPT)
        mallopt(M_TRIM_THRESHOLD, MOST_KEPT)
