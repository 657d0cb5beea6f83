"""The documents of a year: content in the transaction of what they tell; printing reads nothing else."""

from .acknowledgement import acknowledgement_content, render
from .blank_form import form_content, render_form
from .conclusion import conclusion_content, render_conclusion
from .evaluation import evaluation_content, render_evaluation, shown
from .financial_report import finance_content, render_finance
from .minutes import minutes_content, render_minutes

__all__ = [
    "acknowledgement_content",
    "conclusion_content",
    "evaluation_content",
    "finance_content",
    "form_content",
    "minutes_content",
    "render",
    "render_conclusion",
    "render_evaluation",
    "render_finance",
    "render_form",
    "render_minutes",
    "shown",
]
