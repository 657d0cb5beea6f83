"""Facts of an organisation, with a check of the revision that the form showed; delegations of signature."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from arml.models import Delegation, Organisation, User
from arml.permissions import delegator, editor
from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.editing import rows
from cpo.lib.enums import Audience
from cpo.lib.signals import content_changed
from cpo.lib.wording.accents import plain


def update_organisation(
    *, organisation: Organisation, changes: Mapping[str, Any], expected_revision: int, by: User | Actor
) -> Organisation:
    """Write the fields that differ. Raises StaleRevision when somebody saved meanwhile."""
    actor = by if isinstance(by, Actor) else editor(by, organisation)
    if actor is None:
        raise PermissionDenied(
            "La direction, la présidence ou la personne responsable de l’organisation peut la modifier."
        )
    rows.update(
        organisation,
        changes,
        expected_revision=expected_revision,
        by=actor,
        element="coordonnées",
        verb="organisation_changed",
        sentence=lambda locked, labels: f"Modification : {labels}",
        audience=Audience.BOTH,
        settle=_set_sort_name,
    )
    organisation.refresh_from_db()
    return organisation


def _set_sort_name(organisation: Organisation, changed_fields: list[str]) -> list[str]:
    """Derive the sort name from the short name."""
    if "short_name" not in changed_fields:
        return []
    organisation.sort_name = plain(organisation.short_name)[:80]
    return ["sort_name"]


@transaction.atomic
def save_delegation(*, delegation: Delegation, by: User | Actor) -> Delegation:
    """Record or correct a delegation of signature; nothing when no field differs. Signed documents do not change."""
    actor = by if isinstance(by, Actor) else delegator(by, delegation.organisation)
    if actor is None:
        raise PermissionDenied(
            "Seule une personne responsable du service peut enregistrer ses délégations de signature."
        )
    new = delegation.pk is None
    if not new:
        stored = Delegation.objects.select_for_update().get(pk=delegation.pk)
        if all(getattr(delegation, f.attname) == getattr(stored, f.attname) for f in Delegation._meta.fields):
            return delegation
    delegation.save()
    sentence = (
        f"Délégation de signature {'enregistrée' if new else 'corrigée'} : {delegation.holder_name}, {delegation}"
    )
    journal.record(delegation, root=delegation.organisation, by=actor, verb="delegation_saved", sentence=sentence)
    content_changed.send(Delegation, root=delegation, actor=actor, element="délégations de signature")
    return delegation
