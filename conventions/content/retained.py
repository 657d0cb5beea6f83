"""Which rows of reference data the text of an act prints, and what its retained values become (`actions/retained.py`).

An act after the first takes every value of the text that it starts from. An open act keeps those that it began with
until a person who has the turn takes the new ones into account (`services/retained.py`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from actions.models import Account, Function, IndicatorDefinition, Programme
from actions.retained import FIELDS, Retained, complete, of_row, values_of
from arml.models import Attachment
from conventions.models import Act


@dataclass(frozen=True)
class Change:
    """A value of reference data that is no longer the one that an act retains. `key` names it in a form."""

    row: Model
    field: str
    before: Any
    after: Any

    @property
    def key(self) -> str:
        return f"{self.row._meta.model_name}:{self.row.pk}:{self.field}"


def joined_attachments(act: Act) -> list[Attachment]:
    """The joined documents that annexe IV names, in their order."""
    attachments = act.dossier.attachments.current().filter(
        kind__key__in=["attestation_cer", "deliberation_autorisation", "delegation_signature_etat",
                       "delegations_services_cosignataires", "deliberation_region"],
        file__isnull=False,
    )  # fmt: skip
    return list(attachments.select_related("kind", "file").order_by("kind__rank", "id"))


def rows_of(act: Act) -> Iterator[Model]:
    """The rows of reference data that the text of an act prints, as the tables hold them; some may come twice."""
    cycle, dossier = act.programme.cycle, act.dossier
    yield cycle
    yield from cycle.texts.all()
    for axis in cycle.axes.prefetch_related("objectives"):
        yield axis
        yield from axis.objectives.all()
    yield from Account.objects.all()
    yield from Function.objects.filter(sheets__programme=act.programme_id).distinct()
    yield from IndicatorDefinition.objects.filter(uses__sheet__programme=act.programme_id).distinct()
    yield from (dossier.lead, dossier.beneficiary)
    yield from dossier.territories.all()
    for party in act.parties.select_related("organisation", "delegation"):
        yield party.organisation
        if party.delegation:
            yield party.delegation
    yield from (row.service for row in act.contributions.select_related("service"))
    yield from (attachment.kind for attachment in joined_attachments(act))


def present_values(act: Act) -> Retained:
    return values_of(rows_of(_fresh(act)))


def _fresh(act: Act) -> Act:
    """Read the act again: who called may have given its rows the values that it retains."""
    dossier = ("convention__dossier__lead", "convention__dossier__beneficiary")
    return Act.objects.select_related("programme__cycle", *dossier).get(pk=act.pk)


def keep(act: Act) -> None:
    """Retain the present value of what the text of the act prints and does not retain yet."""
    programme = Programme.objects.get(pk=act.programme_id)
    retained = complete(programme.retained, present_values(act))
    if retained != programme.retained:
        _write(act, retained)


def follow(act: Act, base: Act, before: Act) -> None:
    """Give an open act that now starts from `base`, and no longer from `before`, the values of its new start.

    Those that it took into account itself stay.
    """
    own, start, new = (one.programme.retained for one in (act, before, base))
    changed = {
        kind: {
            key: {name: value for name, value in values.items() if start.get(kind, {}).get(key, {}).get(name) != value}
            for key, values in rows.items()
        }
        for kind, rows in own.items()
    }
    _write(act, complete(changed, complete(new, own)))


def _write(act: Act, retained: Retained) -> None:
    Programme.objects.filter(pk=act.programme_id).update(retained=retained)
    act.programme.retained = retained


def changes(act: Act) -> list[Change]:
    """The values that changed in the tables since the act retained them, each once."""
    found: dict[str, Change] = {}
    act = _fresh(act)
    for row in rows_of(act):
        retained = of_row(act.programme, row)
        for name in FIELDS[type(row)]:
            if name in retained:
                before = row._meta.get_field(name).to_python(retained[name])  # type: ignore[union-attr]
                change = Change(row, name, before, getattr(row, name))
                if before != change.after:
                    found[change.key] = change
    return list(found.values())


def open_acts_with(row: Model) -> QuerySet[Act]:
    """The acts that are neither signed nor abandoned, and whose text retains values of a row."""
    retained = {f"programme__retained__{row._meta.model_name}__has_key": str(row.pk)}
    return Act.objects.filter(state__in=Act.OPEN, **retained)


def mark_outdated(row: Model) -> None:
    """Say on the pages of the open acts that retain values of this row that some may have changed."""
    programmes = open_acts_with(row).values("programme")
    Programme.objects.filter(pk__in=programmes, outdated=False).update(outdated=True)


def take(act: Act, taken: Iterable[Change]) -> None:
    """Retain the present value in place of these. Call it under the lock of the act."""
    programme = Programme.objects.get(pk=act.programme_id)
    for change in taken:
        kind, key, name = change.key.split(":")
        present = values_of([change.row])[kind][key]
        values = programme.retained[kind][key]
        del values[name]
        if name in present:
            values[name] = present[name]
    _write(act, programme.retained)
    Programme.objects.filter(pk=act.programme_id).update(outdated=bool(changes(act)))
