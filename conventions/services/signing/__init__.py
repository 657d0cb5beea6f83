"""The three ways to sign, with a file for each one, and the seal of the service."""
