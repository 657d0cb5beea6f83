"""Write the registers of an association, each row with its revision; the printed label follows its steps.

The association's row is locked first: two writes compare with the same registers.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import ProtectedError, Q

from arml.enums import LABELLED, LabelStatus
from arml.models import AssociationNote, LabelStep, Member, MemberFee, Organisation, User, label_of
from arml.services import update_organisation
from conventions.models import Convention
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.editing import rows
from cpo.lib.enums import Audience
from cpo.lib.wording import french
from cpo.lib.workflow import Refused
from reporting.content.association import Register, of_key
from reporting.models import Attendance
from reporting.permissions import registers as may

from .deadlines import sync

Values = Mapping[str, Any]
Faults = dict[str, str]
TWICE = "Cette ligne est déjà dans le registre : corrigez-la plutôt que d’en ajouter une autre."
IN_USE = "D’autres lignes s’appuient sur celle-ci (cotisations, présences) : retirez-les d’abord, ou corrigez-la."


def row_faults(register: Register, organisation: Organisation, values: Values, pk: int | None) -> Faults:
    """What is wrong of the values of a row, by field. `pk`: the row that they replace. Asked by the form and here."""
    faults = RULES.get(register.slug, _no_rule)(organisation, values, pk)
    if all(values.get(name) not in (None, "") for name in register.key):
        same = register.rows(organisation).filter(of_key(register, dict(values))).exclude(pk=pk or 0)
        if register.slug != may.NOTES and same.exists():
            faults.setdefault(register.key[-1], TWICE)
    return faults


def _no_rule(organisation: Organisation, values: Values, pk: int | None) -> Faults:
    return {}


def _order(values: Values, first: str, last: str, words: str) -> Faults:
    one, other = values.get(first), values.get(last)
    return {last: words.format(french.date(one))} if one and other and other < one else {}


def _label_faults(organisation: Organisation, values: Values, pk: int | None) -> Faults:
    day, end = values.get("day"), values.get("expires_on")
    if end and values.get("step") and values["step"] not in LABELLED:
        return {"expires_on": "Seul un label obtenu a une fin de validité : effacez cette date."}
    if day and end and end <= day:
        return {"expires_on": f"La fin de validité suit l’obtention, le {french.date(day)}."}
    return {}


def _mandate_faults(organisation: Organisation, values: Values, pk: int | None) -> Faults:
    return _order(values, "since", "until", "Le mandat ne peut pas finir avant son début, le {}.")


def _assembly_faults(organisation: Organisation, values: Values, pk: int | None) -> Faults:
    day, faults = values.get("day"), {}
    if day and (values.get("accounts_year") or 0) > day.year:
        faults["accounts_year"] = f"Une assemblée de {day.year} n’approuve pas des comptes d’un exercice à venir."
    minutes = values.get("minutes")
    if minutes and minutes.dossier.beneficiary_id != organisation.pk:
        faults["minutes"] = "Ce procès-verbal est celui d’une autre association."
    return faults


def _member_faults(organisation: Organisation, values: Values, pk: int | None) -> Faults:
    joined, left = values.get("joined_on"), values.get("left_on")
    faults = _order(values, "joined_on", "left_on", "Une adhérente ne part pas avant son adhésion, le {}.")
    if faults or not joined or not values.get("siret"):
        return faults
    others = Member.objects.filter(organisation=organisation, siret=values["siret"]).exclude(pk=pk or 0)
    others = others.filter(Q(left_on=None) | Q(left_on__gte=joined))
    other = others.filter(joined_on__lte=left or dt.date.max).first()
    if other:
        until = f" au {french.date(other.left_on)}" if other.left_on else ""
        faults["joined_on"] = (
            f"« {other.name} » a déjà ce SIRET, du {french.date(other.joined_on)}{until} : "
            "deux adhésions d’un même SIRET ne se chevauchent pas."
        )
    return faults | _left_in_use(values, pk)


def _left_in_use(values: Values, pk: int | None) -> Faults:
    """The dates of a membership hold the years of its fees."""
    joined, left = values["joined_on"], values.get("left_on")
    outside = Q(year__lt=joined.year) | (Q(year__gt=left.year) if left else Q(pk=None))
    fee = MemberFee.objects.filter(outside, member=pk).order_by("year").first() if pk else None
    name = "joined_on" if fee and fee.year < joined.year else "left_on"
    return {name: f"Une cotisation de {fee.year} est enregistrée : ces dates l’excluraient."} if fee else {}


def _fee_faults(organisation: Organisation, values: Values, pk: int | None) -> Faults:
    member, year, faults = values.get("member"), values.get("year"), {}
    if member and member.organisation_id != organisation.pk:
        faults["member"] = "Cette mission locale n’est pas une adhérente de l’association."
    elif member and year and not member.covers_year(year):
        faults["year"] = f"« {member.name} » n’était pas adhérente en {year}."
    if values.get("asked") is None and values.get("paid") is None and "asked" in values and "paid" in values:
        faults["asked"] = "Donnez la cotisation appelée ou la cotisation versée : vide n’est pas zéro."
    return faults


def _session_faults(organisation: Organisation, values: Values, pk: int | None) -> Faults:
    faults = _order(values, "starts_on", "ends_on", "La session ne peut pas finir avant son premier jour, le {}.")
    if values.get("hours") is not None and values["hours"] <= 0:
        faults["hours"] = "Une session dure plus de zéro heure ; laissez vide si la durée n’est pas connue."
    return faults


def _attendance_faults(organisation: Organisation, values: Values, pk: int | None) -> Faults:
    session, member, persons = values.get("session"), values.get("member"), values.get("persons")
    faults: Faults = {}
    if session and session.organisation_id != organisation.pk:
        faults["session"] = "Cette session n’est pas celle de l’association."
    if member and member.organisation_id != organisation.pk:
        faults["member"] = "Cette mission locale n’est pas une adhérente de l’association."
    if session and persons and session.seats is not None:
        others = Attendance.objects.filter(session=session).exclude(pk=pk or 0).values_list("persons", flat=True)
        if (total := sum(others) + persons) > session.seats:
            faults["persons"] = f"{total} personnes pour {session.seats} places : corrigez ce nombre, ou les places."
    return faults


RULES = {
    may.LABEL: _label_faults,
    may.MANDATES: _mandate_faults,
    may.ASSEMBLIES: _assembly_faults,
    may.MEMBERS: _member_faults,
    may.FEES: _fee_faults,
    may.SESSIONS: _session_faults,
    may.ATTENDANCES: _attendance_faults,
}


@contextmanager
def _writing(register: Register, organisation: Organisation, by: User) -> Iterator[Actor]:
    actor = may.register_writer(by, organisation, register.slug)
    if actor is None:
        raise PermissionDenied(may.why_not_write(register.slug))
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=organisation.pk)
        yield actor
        if register.model is LabelStep:
            _follow_label(organisation, actor)


def add_row(*, register: Register, organisation: Organisation, values: Values, by: User) -> Any:
    """Add a row. Raises PermissionDenied, ValidationError by field."""
    with _writing(register, organisation, by) as actor:
        _check(register, organisation, values, None)
        own = {"organisation": organisation} if register.path == "organisation" else {}
        if register.model is AssociationNote:
            own |= {"author": actor.user, "service": actor.organisation}
        row = register.model._default_manager.create(**own, **values)
        _record(register, organisation, actor, row, "register_added", f"Ajout ({register.name}) : {row}")
        return row


def change_row(
    *, register: Register, organisation: Organisation, row: Any, values: Values, expected_revision: int | None, by: User
) -> list[str]:
    """Write the fields that differ; return their French names. Raises StaleRevision too."""
    with _writing(register, organisation, by) as actor:
        if isinstance(row, AssociationNote) and row.author_id != by.pk:
            raise PermissionDenied("Une note se corrige par la personne qui l’a écrite.")
        _check(register, organisation, values, row.pk)
        revision = row.revision if expected_revision is None else expected_revision
        return rows.update(
            row,
            values,
            expected_revision=revision,
            by=actor,
            element=register.name,
            verb="register_changed",
            sentence=lambda locked, labels: f"Correction ({register.name}) : {locked} ({labels})",
            root=organisation,
            audience=Audience.BOTH,
        )


def remove_row(*, register: Register, organisation: Organisation, row: Any, by: User) -> None:
    """Take out a row written by mistake. Raises PermissionDenied, Refused when other rows rest on it."""
    with _writing(register, organisation, by) as actor:
        if isinstance(row, AssociationNote) and row.author_id != by.pk:
            raise PermissionDenied("Une note se retire par la personne qui l’a écrite.")
        subject, words = journal.key(row), str(row)
        try:
            with transaction.atomic():
                row.delete()
        except ProtectedError as error:
            raise Refused(IN_USE) from error
        _record(register, organisation, actor, subject, "register_removed", f"Retrait ({register.name}) : {words}")


def _check(register: Register, organisation: Organisation, values: Values, pk: int | None) -> None:
    if faults := row_faults(register, organisation, values, pk):
        raise ValidationError(faults)


def _record(register: Register, root: Organisation, actor: Actor, subject: Any, verb: str, sentence: str) -> None:
    journal.record(subject, root=root, by=actor, verb=verb, sentence=sentence, element=register.name)


def _follow_label(organisation: Organisation, actor: Actor) -> None:
    """The state that a convention prints is that of the last step; « labellisée le » is the day of the label."""
    fresh = Organisation.objects.get(pk=organisation.pk)
    said = label_of(fresh, clock.today(fresh.time_zone))
    step, label = said["step"], said["label"]
    changes = {
        "label_status": step.step if step else LabelStatus.NONE,
        "label_since": label.day if label else None,
    }
    if any(getattr(fresh, name) != value for name, value in changes.items()):
        update_organisation(organisation=fresh, changes=changes, expected_revision=fresh.revision, by=actor)
    for convention in Convention.objects.filter(dossier__beneficiary=organisation).select_related("cycle", "dossier"):
        sync(convention)
