"""Files: stored once by their hash, uploaded workbooks, CSV exports."""
