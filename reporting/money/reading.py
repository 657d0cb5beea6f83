"""The rows that the pages of the payments of a convention need, read in a constant number of queries."""

from django.db.models import Prefetch, QuerySet

from conventions.models import Act, Contribution, Convention
from reporting.models import BalanceRelease, Commitment, Payment, Report

PEOPLE = ("proposed_by", "certified_by", "ordered_by", "paid_by", "voided_by")


def with_money(conventions: QuerySet[Convention]) -> QuerySet[Convention]:
    """The conventions with their texts, commitments, payments, reports and released balances."""
    texts = Act.objects.select_related("programme")  # all of them: what filters these rows later begins with them
    return conventions.select_related(
        "cycle", "dossier__lead", "dossier__beneficiary", "dossier__officer"
    ).prefetch_related(
        "dossier__territories",
        "dossier__services",
        Prefetch("acts", texts),
        Prefetch("acts__contributions", Contribution.objects.select_related("service")),
        "acts__instalments",
        Prefetch("commitments", Commitment.objects.select_related("service", "recorded_by", "voided_by")),
        Prefetch("payments", Payment.objects.select_related("commitment__service", *PEOPLE)),
        Prefetch("reports", Report.objects.only("convention", "year", "state", "round")),
        "reports__settlements",
        "corrections",
        "imputations",
        Prefetch("balance_releases", BalanceRelease.objects.select_related("by")),
    )
