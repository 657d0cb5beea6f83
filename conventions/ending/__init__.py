"""The end of a convention: formal notices and termination, closing, abandonment, and the document of each."""
