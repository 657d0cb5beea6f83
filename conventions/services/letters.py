"""Write the text of a kind of letter, produce a letter or many at once, say that it is signed, sent or voided.

A letter is frozen in the transaction that creates it, and printed by a worker. Those of a list are made by one job: a
convention whose letter cannot be written is told with the reason, and stops no other.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Any, BinaryIO
from uuid import uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max

from arml.enums import OrganisationKind, Role
from arml.models import Organisation, User
from arml.permissions import actor_of, capacities, lead_officer
from conventions.documents import register
from conventions.documents.letters import letter_content, render_letter
from conventions.enums import ConventionState, DeliveryMeans, DocumentPurpose, LetterKind
from conventions.models import Convention, Document, Letter, LetterTemplate
from conventions.text.letters import LetterText, one_line, text_faults
from conventions.workflow.letters import LETTER
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.editing.lock import StaleRevision
from cpo.lib.enums import Audience
from cpo.lib.files import stored
from cpo.lib.files.hashing import content_hash
from cpo.lib.models import Job
from cpo.lib.wording import french
from cpo.lib.work import jobs
from cpo.lib.workflow import Refused

PRINT, MAKE = "print_letter", "make_letters"
MOST = 200  # letters of one batch
Upload = tuple[BinaryIO, str, int]  # the file, its name, its size
NOT_YOURS = "Les lettres sont écrites par le service chef de file. Votre rôle ne permet pas d’en produire."
NOT_YOUR_TEXT = "Les modèles de lettre d’un service sont écrits par sa personne responsable. Votre rôle les lit."
UNSIGNED = "Une lettre porte sur une convention signée et notifiée."
BY_ITS_PAGE = "La mise en demeure se prépare depuis la page «\u00a0Fin de la convention\u00a0», qui en suit le délai."
FUTURE = "Cette date est dans le futur."
UNSIGNED_FILE = "Ce fichier est la lettre telle qu’elle a été produite\u00a0: déposez la lettre signée, numérisée."
SIGNED_STATES = (ConventionState.ACTIVE, ConventionState.TERMINATED, ConventionState.CLOSED)


# -- The texts --------------------------------------------------------------------------------------------------------


def services_of(user: User) -> list[Organisation]:
    """The State services of a person, by name: those whose letters they read."""
    own = {m.organisation_id: m.organisation for m in user.roles if m.organisation.is_state}
    return sorted(own.values(), key=lambda one: one.sort_name)


def text_writer(user: User, service: Organisation) -> Actor | None:
    """The capacity in which the person writes the texts of a service: its manager."""
    rows = (m for m in user.roles if m.organisation_id == service.pk and m.role == Role.MANAGER)
    return next((actor_of(m) for m in rows if m.organisation.kind == OrganisationKind.STATE_SERVICE), None)


def template_faults(subject: str, body: str) -> dict[str, list[str]]:
    """What is wrong of a text, by field, each with its line."""
    return {name: faults for name, text in (("subject", subject), ("body", body)) if (faults := text_faults(text))}


@transaction.atomic
def save_template(
    *, service: Organisation, kind: str, subject: str, body: str, by: User, expected_number: int, taken: bool = False
) -> LetterTemplate | None:
    """Write the next version of a text; None when nothing changes. `expected_number`: the version that was read, or 0.

    `taken`: it is the national text. Raises PermissionDenied, ValidationError by field, StaleRevision.
    """
    actor = text_writer(by, service)
    if actor is None:
        raise PermissionDenied(NOT_YOUR_TEXT)
    Organisation.objects.select_for_update().get(pk=service.pk)
    last = LetterTemplate.objects.of(service).filter(kind=kind).order_by("-number").first()
    if (last.number if last else 0) != expected_number:
        raise StaleRevision(expected_number, last.number if last else 0)
    subject, body = one_line(subject), body.replace("\r\n", "\n").strip()
    if faults := template_faults(subject, body):
        raise ValidationError(faults)
    used = LetterTemplate.objects.in_use(service, kind)
    if used and (used.subject, used.body) == (subject, body) and not taken:
        return None
    national = LetterTemplate.objects.of(None).filter(kind=kind).order_by("-number").first()
    row = LetterTemplate.objects.create(
        service=service,
        kind=kind,
        number=expected_number + 1,
        subject=subject,
        body=body,
        source=national,
        written_by=by,
        written_at=clock.now(),
    )
    words = "reprend le texte national" if taken else "écrit le modèle de lettre"
    journal.record(
        row,
        root=service,
        by=actor,
        verb="letter_template_written",
        sentence=f"{actor.name} {words}\u00a0: {row}.",
        audience=Audience.NATIONAL,
    )
    return row


# -- One letter -------------------------------------------------------------------------------------------------------


def writer(user: User, convention: Convention) -> Actor | None:
    """The capacity in which the person writes the letters about a convention: officer or manager of the lead."""
    return next((actor for actor in capacities(user, convention.dossier) if lead_officer(actor)), None)


def closed(convention: Convention) -> str:
    """Why no letter about a convention is produced now, in French; "" when one may be."""
    return "" if convention.state in SIGNED_STATES else UNSIGNED


def missing_words(content: dict[str, Any]) -> str:
    """« Il manque : … »: the variables of a content that have no value; "" when all have one."""
    return f"Il manque\u00a0: {', '.join(content['missing'])}." if content["missing"] else ""


@transaction.atomic
def produce(
    *,
    convention: Convention,
    kind: str,
    text: LetterText,
    dated_on: dt.date,
    by: User,
    batch: str = "",
) -> Letter:
    """Freeze a letter, give it its number, ask for its file. Raises PermissionDenied, Refused, ValidationError.

    In a batch, the letter that the same job already made is returned.
    """
    actor = writer(by, convention)
    if actor is None:
        raise PermissionDenied(NOT_YOURS)
    if kind not in LetterKind.written_alone():
        raise Refused(BY_ITS_PAGE)
    locked = Convention.objects.select_for_update(of=("self",)).get(pk=convention.pk)
    if batch and (made := Letter.objects.filter(batch=batch, convention=locked).first()):
        return made
    if reason := closed(locked):
        raise Refused(reason)
    if faults := template_faults(text.subject, text.body):
        raise ValidationError(faults)
    letter = _create(locked, kind, text, dated_on, by, batch)
    journal.record(
        letter,
        root=locked.dossier,
        by=actor,
        verb="letter_written",
        sentence=f"{actor.name} produit la lettre {letter}\u00a0: {letter.subject}.",
        audience=Audience.NATIONAL,
    )
    if not batch:
        jobs.enqueue(PRINT, f"letter:{letter.pk}", letter=letter.pk)
    return letter


def _create(convention: Convention, kind: str, text: LetterText, dated_on: dt.date, by: User, batch: str) -> Letter:
    """The next letter of a locked convention, frozen. Raises Refused, ValidationError where a value lacks."""
    template = LetterTemplate.objects.in_use(convention.dossier.lead, kind)
    if template is None:
        raise Refused("Les modèles de lettre ne sont pas chargés.")
    content = letter_content(convention, kind, text, dated_on=dated_on, by=by)
    if words := missing_words(content):
        raise ValidationError({"body": words})
    number = (convention.letters.aggregate(last=Max("number"))["last"] or 0) + 1
    content["reference"] = f"{convention.number}-L{number}"
    content["template"] = {"service": template.service.key if template.service else "", "version": template.number}
    return Letter.objects.create(
        convention=convention,
        number=number,
        kind=kind,
        template=template,
        edited=(template.subject, template.body) != (text.subject, text.body),
        dated_on=dated_on,
        content=content,
        content_sha256=content_hash(content),
        batch=batch,
        created_by=by,
        created_at=clock.now(),
    )


def print_letter(pk: int) -> Letter:
    """Print a letter and enter it in the register, once; a voided one is left as it is."""
    letter = Letter.objects.select_related("convention").get(pk=pk)
    if letter.document_id or letter.voided_reason:
        return letter
    document = register.enter(
        render_letter(letter.content),
        act=letter.convention.act,
        purpose=DocumentPurpose.LETTER,
        label=f"Lettre {letter}, {french.lower_first(letter.get_kind_display())}",
        content_sha256=letter.content_sha256,
        audience=Audience.NATIONAL,  # the association reads what is sent to it on the page of the letters
    )
    with transaction.atomic():
        Letter.objects.select_for_update().get(pk=pk)
        Letter.objects.filter(pk=pk, document=None).update(document=document)
    return Letter.objects.get(pk=pk)


# -- Many letters -----------------------------------------------------------------------------------------------------


def ask_batch(*, kind: str, text: LetterText, dated_on: dt.date, conventions: Iterable[int], by: User) -> Job:
    """Ask for a letter about each of these conventions, with one job. Raises PermissionDenied, ValidationError."""
    chosen = list(dict.fromkeys(conventions))
    if not chosen:
        raise ValidationError({"conventions": "Choisissez une convention au moins."})
    if len(chosen) > MOST:
        raise ValidationError({"conventions": f"Choisissez {MOST} conventions au plus."})
    rows = Convention.objects.visible_to(by).filter(pk__in=chosen).select_related("dossier")
    if len(rows) < len(chosen) or any(writer(by, row) is None for row in rows):
        raise PermissionDenied(NOT_YOURS)
    if faults := template_faults(text.subject, text.body):
        raise ValidationError(faults)
    return jobs.enqueue(
        MAKE,
        uuid4().hex,
        nature=kind,
        subject=text.subject,
        body=text.body,
        dated_on=dated_on.isoformat(),
        conventions=chosen,
        by=by.pk,
    )


def make_batch(progress: jobs.Progress) -> dict[str, Any]:
    """Make the letters of a batch; return those that could not be written, with the reason. It may run twice."""
    arguments, refused = progress.arguments, []
    by, text = User.objects.get(pk=arguments["by"]), LetterText(arguments["subject"], arguments["body"])
    conventions = Convention.objects.in_bulk(arguments["conventions"])
    for rank, pk in enumerate(arguments["conventions"], start=1):
        if convention := conventions.get(pk):
            try:
                letter = produce(
                    convention=convention,
                    kind=arguments["nature"],
                    text=text,
                    dated_on=dt.date.fromisoformat(arguments["dated_on"]),
                    by=by,
                    batch=progress.job.key,
                )
                print_letter(letter.pk)
            except (PermissionDenied, Refused, ValidationError) as error:
                refused.append({"number": convention.number, "reason": _words(error)})
        progress.step(rank, len(conventions))
    return {"refused": refused}


def _words(error: Exception) -> str:
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


# -- What becomes of a letter -----------------------------------------------------------------------------------------


def step_faults(letter: Letter, name: str, data: dict[str, Any]) -> dict[str, str]:
    """Return, by field, what is wrong of a step; what is not valid is None."""
    day = data.get("signed_on") if name == "sign" else data.get("sent_on")
    field, faults = ("signed_on" if name == "sign" else "sent_on"), {}
    if day and day > clock.today(letter.convention.dossier.time_zone):
        faults[field] = FUTURE
    elif day and name == "sign" and day < letter.dated_on:
        faults[field] = f"La lettre est datée du {french.date(letter.dated_on)}\u00a0: elle n’est pas signée avant."
    elif day and name == "send" and letter.signed_on and day < letter.signed_on:
        faults[field] = (
            f"La lettre a été signée le {french.date(letter.signed_on)}\u00a0: elle n’est pas envoyée avant."
        )
    registered = (DeliveryMeans.REGISTERED, DeliveryMeans.ELECTRONIC)
    if data.get("means") in registered and not data.get("sent_number", "").strip():
        faults["sent_number"] = "Donnez le numéro de la lettre recommandée."
    return faults


def step(name: str, letter: Letter, *, by: User, comment: str = "", **data: Any) -> Letter:
    """Do a step; files are uploads. Raises PermissionDenied, Refused, ValidationError by field."""
    LETTER.attempt(name, letter, by)  # first: no file is stored for a person who may not
    if faults := step_faults(letter, name, data):
        raise ValidationError(faults)
    for field in ("scan", "proof"):
        if field in data:
            data[field] = _store(letter, field, data[field])
    return LETTER.apply(name, letter, by=by, comment=comment, data=data)  # type: ignore[no-any-return]


def _store(letter: Letter, field: str, upload: Upload | None) -> stored.StoredFile | None:
    if upload is None:
        return None
    try:
        data, media_type = stored.check_upload(upload[0], name=upload[1], size=upload[2], pdf_only=field == "scan")
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from error
    digest = hashlib.sha256(data).hexdigest()
    if field == "scan" and Document.objects.filter(letter__convention=letter.convention, file__sha256=digest).exists():
        raise ValidationError({field: UNSIGNED_FILE})
    return stored.store_upload(data, media_type, field=field)
