"""What the « non » of a filled grid does: a question that blocks stops what it was asked for, another one warns."""

from collections.abc import Iterator

from cpo.lib.workflow import Missing
from reporting.content.grids import negative_answers
from reporting.models import FilledGrid


def answered_no(grid: FilledGrid, page: str) -> Iterator[Missing]:
    """`page`: where the grid is filled."""
    for question in negative_answers(grid):
        label = f"{grid.get_moment_display()}\u00a0: «\u00a0{question.label}\u00a0», répondu non"
        yield Missing(label, f"{page}#id_{question.key}", "error" if question.blocking else "warning")
