"""Visas that an outside authority gave on paper: recorded with their file, sometimes withdrawn, never deleted."""

import datetime as dt
from typing import Any, BinaryIO

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from arml.models import User
from arml.permissions import capacities
from conventions import permissions as may
from conventions import workflow
from conventions.enums import ConventionState
from conventions.models import Act, OutsideVisa, Version
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience
from cpo.lib.files import stored
from cpo.lib.wording import french
from cpo.lib.workflow import Refused


@transaction.atomic
def record_outside_visa(
    *,
    act: Act,
    version: Version,
    authority: str,
    name: str,
    capacity: str,
    given_on: dt.date,
    upload: BinaryIO,
    upload_name: str,
    upload_size: int,
    comment: str = "",
    by: User,
) -> OutsideVisa:
    """Record a visa on `version`, the one that the page showed to the person.

    Raises ValidationError keyed by field; the workflow raises Refused and PermissionDenied.
    """
    workflow.ACT.attempt("record_outside_visa", act, by)  # first: no file is stored for a person who may not record it
    data, media_type = _check(act, version, given_on, upload, upload_name, upload_size)
    visa = OutsideVisa(
        version=version,
        authority=authority.strip(),
        name=name.strip(),
        capacity=capacity.strip(),
        given_on=given_on,
        comment=comment.strip(),
        file=stored.store_upload(data, media_type, field="upload"),
        recorded_by=by,
        recorded_at=clock.now(),
    )
    workflow.lock(act)  # a form sent twice at the same time is recorded once
    if OutsideVisa.objects.filter(
        version=version, authority=visa.authority, file=visa.file, withdrawn_at=None
    ).exists():
        raise ValidationError({"upload": "Ce visa est déjà enregistré, avec ce fichier."})
    workflow.apply("record_outside_visa", act, by=by, data={"visa": visa, "expected_version": version.number})
    return visa


def visa_day_fault(act: Act, version: Version, given_on: dt.date) -> dict[str, str]:
    """Return, by field, why a visa on this version was not given on this day."""
    zone = act.dossier.time_zone
    proposed_on = clock.local_day(version.created_at, zone)
    if given_on > clock.today(zone):
        return {"given_on": "Cette date est dans le futur."}
    if given_on < proposed_on:
        said = f"La version {version.number} a été proposée le {french.date(proposed_on)}"
        return {"given_on": f"{said} : ce visa n’a pas pu être donné avant."}
    return {}


def _check(act: Act, version: Version, given_on: dt.date, upload: BinaryIO, name: str, size: int) -> tuple[bytes, str]:
    errors: dict[str, Any] = dict(visa_day_fault(act, version, given_on))
    try:
        data, media_type = stored.check_upload(upload, name=name, size=size, pdf_only=True)
    except ValidationError as error:
        errors["upload"] = error
    if errors:
        raise ValidationError(errors)
    return data, media_type


def check_withdrawal(*, visa: OutsideVisa, act: Act, by: User) -> Actor:
    """Return the capacity in which the person may withdraw a visa. Raises PermissionDenied, Refused."""
    actor = next((actor for actor in capacities(by, act.dossier) if may.lead_officer(actor)), None)
    if actor is None:
        raise PermissionDenied(
            "Seules les personnes chargées de mission et les responsables du service chef de file retirent ce visa."
        )
    if act.state == ConventionState.ABANDONED:
        raise Refused("Le dossier est abandonné : il se lit, il ne se modifie plus.")
    if visa.withdrawn_at is not None:
        raise Refused("Ce visa est déjà retiré.")
    return actor


@transaction.atomic
def withdraw_outside_visa(*, visa: OutsideVisa, reason: str, by: User) -> None:
    """Withdraw a visa recorded by mistake, even after the signature. It stays in the history."""
    act = workflow.lock(visa.version.act)
    visa = OutsideVisa.objects.select_related("version").defer("version__content").get(pk=visa.pk)
    actor = check_withdrawal(visa=visa, act=act, by=by)
    if not reason.strip():
        raise ValidationError({"reason": "Dites pourquoi ce visa est retiré."})
    visa.withdrawn_at, visa.withdrawn_by, visa.withdrawn_reason = clock.now(), by, reason.strip()
    visa.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    journal.record(
        act,
        root=act.dossier,
        by=actor,
        verb="outside_visa_withdrawn",
        sentence=f"{actor.name} retire le visa extérieur de la version {visa.version.number} : "
        f"{visa.authority}, {visa.name}.",
        audience=Audience.NATIONAL,
        comment=visa.withdrawn_reason,
    )
