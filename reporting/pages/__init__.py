"""Content of the pages, read only: deadlines, reports, search."""
