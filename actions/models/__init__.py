from .cycles import Account, Axis, Cycle, CycleText, ExampleSheet, Function, IndicatorDefinition, Objective
from .imports import ProgrammeImport
from .programmes import Expense, Programme, Resource, Sheet, SheetIndicator, Target

__all__ = [
    "Account",
    "Axis",
    "Cycle",
    "CycleText",
    "ExampleSheet",
    "Expense",
    "Function",
    "IndicatorDefinition",
    "Objective",
    "Programme",
    "ProgrammeImport",
    "Resource",
    "Sheet",
    "SheetIndicator",
    "Target",
]
