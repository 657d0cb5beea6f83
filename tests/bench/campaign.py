"""Measure the opening of a campaign: the queries of each batch of a hundred conventions, and its time."""

from argparse import Namespace
from typing import Any

from django.db import connection, transaction

from actions.models import Cycle
from reporting.deadlines.reported import without_report
from reporting.services.campaigns import BATCH, open_campaign

from . import data
from .measure import now

CAMPAIGN = "Campagne"
CONVENTIONS = 2_000  # of which three in four, 1,500, are active
BATCH_QUERIES = 25  # whatever the number of conventions; a batch where nobody has an account writes no e-mail


def measure(table: Any, options: Namespace) -> None:
    """Open the first year again, in a transaction that is undone: nobody is told, nothing is printed."""
    data.grow(CONVENTIONS)
    cycle = Cycle.objects.order_by("-first_year")[0]
    queries, start = [0], now()

    def count(execute: Any, *arguments: Any) -> Any:
        queries[-1] += 1
        return execute(*arguments)

    def step(done: int, total: int) -> None:
        queries.append(0)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE reporting_report CASCADE")
        asked = without_report(cycle, cycle.first_year).count()
        start = now()
        with connection.execute_wrapper(count):
            opened = open_campaign(cycle, cycle.first_year, step=step)
        spent = now() - start
        transaction.set_rollback(True)
    full = queries[1 : asked // BATCH]  # the first reads what is kept, the last is smaller
    label = f"{CAMPAIGN} de {opened} conventions, un lot de {BATCH}"
    table.row(label, None, None, 1000 * spent / len(queries[:-1]), count=max(full), most=BATCH_QUERIES)
