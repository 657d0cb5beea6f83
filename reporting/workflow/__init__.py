"""THE transition tables of the year: a file for each subject."""

from .reports import REPORT, apply, capacities, lock

__all__ = ["REPORT", "apply", "capacities", "lock"]
