"""The command line: one module per noun; `portal/__main__.py` puts them together."""
