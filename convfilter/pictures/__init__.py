"""Between picture files and the engine: formats, reading, writing, metadata, alpha."""
