"""Many files: which ones, what becomes of each, who does the work, and what is written down."""
