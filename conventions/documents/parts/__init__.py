"""The parts of documents besides articles: tables of annexes, fiches, places to sign. Pure functions of a content."""
