"""A programme as an XLSX workbook: write it, read it with each error at its cell, compare it with the stored one."""

from .cells import Fault
from .preview import Preview, flat_programme, preview
from .reading import NEW, Question, Reading, read_workbook
from .writing import MEDIA_TYPE, write_workbook

__all__ = [
    "MEDIA_TYPE",
    "NEW",
    "Fault",
    "Preview",
    "Question",
    "Reading",
    "flat_programme",
    "preview",
    "read_workbook",
    "write_workbook",
]
