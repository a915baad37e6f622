"""How the documentation is built: ``python -m sphinx -W docs site``."""

from convfilter import __version__

project = "convfilter"
author = "The convfilter developers"
copyright = f"2026, {author}"  # noqa: A001 - Sphinx's name
release = __version__
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
# What stands in tables as --option is to be copied as it stands.
smartquotes = False
html_theme = "furo"
html_title = f"convfilter {__version__}"

# Links lead to headings as they do where the source is shown.
myst_heading_anchors = 3
myst_enable_extensions = ["dollarmath"]

autodoc_typehints = "none"  # the signatures say them
autodoc_member_order = "bysource"
napoleon_google_docstring = False

# Examples show what a shell prints; nothing in them is to be coloured as code.
highlight_language = "none"

# What programs print may look like a shell's open quote; it is shown plain then.
suppress_warnings = ["misc.highlighting_failure"]
