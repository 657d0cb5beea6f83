from .budgets import ProgrammeBudget, ProgrammeStructure, SheetBudget
from .imports import ProgrammeExport, ProgrammeImportPreview, ProgrammeImportUpload, ProgrammeTemplate
from .indicators import SheetIndicators
from .programmes import ProgrammeDetail, ProgrammePrint, SheetFromExample, SheetsTake
from .sheets import SheetCreate, SheetDelete, SheetDetail, SheetDuplicate, SheetEdit, SheetMove

__all__ = [
    "ProgrammeBudget",
    "ProgrammeDetail",
    "ProgrammeExport",
    "ProgrammeImportPreview",
    "ProgrammeImportUpload",
    "ProgrammePrint",
    "ProgrammeStructure",
    "ProgrammeTemplate",
    "SheetBudget",
    "SheetCreate",
    "SheetDelete",
    "SheetDetail",
    "SheetDuplicate",
    "SheetEdit",
    "SheetFromExample",
    "SheetIndicators",
    "SheetMove",
    "SheetsTake",
]
