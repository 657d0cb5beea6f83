"""The documents of a version: how they are printed, stored, listed and recognised."""
