"""Files that come in and go out: stored once by their hash, workbooks, CSV."""
