"""The State's contribution to conventions, in the text that their pages show a person: for lists and home pages."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, Exists, Func, OuterRef, Q, Subquery

from arml.models import Dossier, User
from conventions.enums import ConventionState
from conventions.later.in_force import texts_to_come
from conventions.models import Act, Contribution, Version
from conventions.money.totals import after_the_end
from cpo.lib.enums import Side
from cpo.lib.money import ZERO

_DOSSIER = "convention__dossier"
_COLUMNS = (
    *(
        "pk",
        "convention_id",
        "latest",
        "state",
        "programme__side",
        f"{_DOSSIER}__lead_id",
        f"{_DOSSIER}__beneficiary_id",
    ),
    *("cosigns", "stored", "proposed"),
)


def contributions_shown(user: User, convention_ids: Iterable[int]) -> dict[int, Decimal]:
    """Return the total contribution, in euros, of each of these conventions; one query.

    Signed: that of the text in force today, until the year when the convention was terminated. Not signed yet: what is
    written now for the side that writes it, what was last proposed for everybody else (`reads.version_read` is the
    same rule).
    """
    ids, own = list(convention_ids), {membership.organisation_id for membership in user.roles}
    texts, shown = texts_to_come(ids), {}
    acts = Act.objects.filter(Q(number=0) | Q(latest=True) | Q(pk__in=texts.values()), convention__in=ids)
    for row in acts.annotate(**_annotations(own)).order_by("latest").values(*_COLUMNS):
        convention = row["convention_id"]
        if convention in texts and row["pk"] != texts[convention]:
            continue
        shown[convention] = _amount(row, own)
    return shown


def _annotations(own: set[int]) -> dict[str, Any]:
    whole = Func("amount", function="SUM", output_field=DecimalField())  # `Sum` would add a useless GROUP BY
    cosigned = Dossier.services.through.objects.filter(dossier=OuterRef(_DOSSIER), organisation__in=own)
    due = Contribution.objects.filter(act=OuterRef("pk")).exclude(after_the_end("act__convention")).order_by()
    versions = Version.objects.filter(act=OuterRef("pk")).order_by("-number")
    return {
        "cosigns": Exists(cosigned),
        "stored": Subquery(due.values(whole=whole)),
        "proposed": Subquery(versions.values("contribution")[:1]),
    }


def _amount(row: dict[str, Any], own: set[int]) -> Decimal:
    sides = set()
    if row[f"{_DOSSIER}__lead_id"] in own or row["cosigns"]:
        sides.add(Side.STATE.value)
    if row[f"{_DOSSIER}__beneficiary_id"] in own:
        sides.add(Side.BENEFICIARY.value)
    writes = row["programme__side"] in sides
    live = row["state"] == ConventionState.ACTIVE or writes or row["proposed"] is None
    amount: Decimal | None = row["stored"] if live else row["proposed"]
    return amount or ZERO
