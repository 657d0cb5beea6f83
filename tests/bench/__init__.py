"""`make bench`: the time of each page, as a multiple of a minimal page on the same machine in the same run."""
