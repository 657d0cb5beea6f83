"""Rules broken by hand, one at a time: `make mutants` breaks each and wants the named test to die."""
