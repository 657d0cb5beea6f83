"""The whole service on one development machine: servers, packages, `make run`."""
