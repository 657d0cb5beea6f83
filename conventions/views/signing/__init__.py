"""The pages of the three ways to sign."""
