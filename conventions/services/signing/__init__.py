"""The three ways to sign, a file each, and the seal of the service."""
