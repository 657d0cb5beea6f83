"""Who may open and send what: a walk over every address, compared with a table that people wrote and review."""
