"""What a page shows, read only: the pages of a report, the search."""
