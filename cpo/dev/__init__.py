"""A whole service on one machine, for development: servers, packages, `make run`."""
