"""The content of an act as one JSON value: made from the tables, read by pages, compared."""
