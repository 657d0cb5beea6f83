"""One function per e-mail of the agreement; each says who gets it."""
