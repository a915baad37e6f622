"""Freed memory that is kept for the next band or picture."""

import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Names that the C library's `mallopt` has for them."""

LARGEST_KEPT = 2**25
"""Bytes of one piece; larger ones go back to the system at once."""

MOST_KEPT = 2**28
"""Bytes of all pieces that lie free at the end."""


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
