"""The content of an act as one JSON value: built from the tables, read by pages, compared."""
