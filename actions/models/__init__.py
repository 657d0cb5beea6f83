from .cycles import Account, Axis, Cycle, CycleText, ExampleSheet, Function, IndicatorDefinition, Objective
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
    "Resource",
    "Sheet",
    "SheetIndicator",
    "Target",
]
