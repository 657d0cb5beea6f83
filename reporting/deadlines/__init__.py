"""Deadlines: when each rule falls due, from which facts, where one acts, and how a calendar reads them."""
