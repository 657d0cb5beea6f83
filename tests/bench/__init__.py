"""`make bench`: how long pages take, as multiples of a minimal page on the same machine, in the same run."""
