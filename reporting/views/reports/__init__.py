"""Pages of a yearly report: list, overview, parts, documents, transitions."""
