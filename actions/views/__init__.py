from .budgets import ProgrammeBudget, ProgrammeStructure, SheetBudget
from .indicators import SheetIndicators
from .programmes import ProgrammeDetail, SheetFromExample
from .sheets import SheetCreate, SheetDelete, SheetDetail, SheetDuplicate, SheetEdit, SheetMove

__all__ = [
    "ProgrammeBudget",
    "ProgrammeDetail",
    "ProgrammeStructure",
    "SheetBudget",
    "SheetCreate",
    "SheetDelete",
    "SheetDetail",
    "SheetDuplicate",
    "SheetEdit",
    "SheetFromExample",
    "SheetIndicators",
    "SheetMove",
]
