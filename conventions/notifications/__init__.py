"""The e-mails of the agreement: one function for each, which also chooses its recipients."""
