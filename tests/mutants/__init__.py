"""`make mutants` breaks each rule of the list in turn, and expects the named test to fail."""
