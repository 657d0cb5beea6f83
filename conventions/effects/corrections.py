"""Correct what was typed of an act signed on paper, in this act and in those that took the error over."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F

from actions.models import Programme, Target
from conventions.content.freeze import freeze
from conventions.documents import production
from conventions.effects.corrected_indicators import IndicatorRemoved
from conventions.effects.corrected_rows import PartyRemoved, RowChange, SheetRemoved
from conventions.enums import DocumentPurpose
from conventions.guards.later import longest_end
from conventions.guards.money import committed_beyond
from conventions.guards.payments import day_fault
from conventions.later import lines, typed
from conventions.later.in_force import signed_acts
from conventions.models import Act, Document
from conventions.money import totals
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.correction import correcting
from cpo.lib.editing.lock import check_revision, edit
from cpo.lib.files import stored as stored_files
from cpo.lib.wording import french

from .turn import Data, void_signing


def correct(act: Act, actor: Actor, data: Data) -> None:
    """`data`: `values` by name (`later.typed`), `rows` (`corrected_rows`), `scan`, `revision` of the page, `reason`.

    Raises ValidationError keyed by name, StaleRevision.
    """
    known = typed.lines(act)
    check_revision(act.programme, data["revision"])
    values = {name: value for name, value in data["values"].items() if value != known[name].value}
    rows, scan = data["rows"], data["scan"]
    if not values and not rows and scan is None:
        raise ValidationError("Aucune valeur n’a changé\u00a0: corrigez au moins l’une d’elles.")
    if scan is not None:
        _replace_scan(act, scan)
    if not values and not rows:
        return
    former, later_acts = {name: known[name].value for name in values}, list(after(act))
    _check(rows, act, later_acts)
    _rewrite(act, act, actor, values, rows, data["reason"])
    for later_act in later_acts:
        _carry(later_act, act, actor, (values, former, rows), data["reason"])


def _check(rows: Sequence[RowChange], act: Act, later_acts: Sequence[Act]) -> None:
    """Before anything is written. What an act after it changed of a row that is removed prevents it too."""
    faults = [row.faults(act) for row in rows]
    removed = [row for row in rows if isinstance(row, SheetRemoved | PartyRemoved | IndicatorRemoved)]
    for found in [*faults, *(row.faults(one) for row in removed for one in later_acts)]:
        if found:
            raise ValidationError(found)  # type: ignore[arg-type]


def _replace_scan(act: Act, scan: bytes) -> None:
    """The former document and its signatures are voided and stay readable; the same people signed the right one."""
    former = act.documents.to_sign().get()
    signatures = list(former.signatures.filter(voided_at=None))
    stored = stored_files.store_upload(scan, "application/pdf", field="scan")
    if stored.pk == former.file_id:
        raise ValidationError({"scan": "Ce fichier est déjà l’original."})
    void_signing(act)
    now = clock.now()
    document = Document.objects.create(act=act, purpose=DocumentPurpose.TO_SIGN, file=stored, created_at=now)
    for one in signatures:
        one.pk, one._state.adding, one.voided_at = None, True, None
        one.document, one.scan, one.file_sha256, one.recorded_at = document, stored, stored.sha256, now
        one.save(force_insert=True)


def after(act: Act) -> Iterator[Act]:
    """The acts whose text starts from that of the act: those signed on paper, in their order, then the open ones."""
    signed = signed_acts(act.convention)
    later_acts = signed[: next(rank for rank, one in enumerate(signed) if one.pk == act.pk)]
    yield from reversed(later_acts)
    yield from act.convention.acts.filter(state__in=Act.OPEN, number__gt=0).select_related("programme")


Correction = tuple[Mapping[str, Any], Mapping[str, Any], Sequence[RowChange]]  # values, former ones, rows


def _carry(act: Act, base: Act, actor: Actor, correction: Correction, reason: str) -> None:
    """Correct what the act took over with its error, and leave what it changed itself."""
    known, (values, former, changes) = typed.lines(act), correction
    rows = [row for row in changes if row.needed(act, base)]
    own = {
        name: value
        for name, value in values.items()
        if name in known and not known[name].own and known[name].value == former[name]
    }
    if act.is_active:
        _still_after_its_base(act)
        if own or rows:
            _rewrite(act, base, actor, own, rows, reason)
        return
    with edit(act.programme, expected_revision=None, by=actor, element="le texte de départ, corrigé"):
        lines.write(known, own)
        for row in rows:
            row.write(act, base, actor)
        act.effective_on = max(act.effective_on, act.base.effective_on if act.base else act.effective_on)
        typed.save_dates(act)
    journal.record(
        act,
        root=act.dossier,
        by=actor,
        verb="carried",
        sentence=f"{act.subject} part du texte corrigé {french.of(act.base.name_in_sentence if act.base else '')}.",
    )


def _rewrite(
    act: Act, base: Act, actor: Actor, values: Mapping[str, Any], rows: Sequence[RowChange], reason: str
) -> None:
    """Write the values of a signed act, then freeze them as its next version: the former ones stay readable."""
    before, known = totals.of_act(act), typed.lines(act)
    programmes = Programme.objects.filter(pk=act.programme_id)
    with correcting():
        programmes.update(frozen=False, revision=F("revision") + 1)
        act.programme.refresh_from_db()
        lines.write(known, values)
        for row in rows:
            row.write(act, base, actor)
        _follow_signatures(act)
        if errors := _faults(act, values):
            raise ValidationError(errors)
        typed.save_dates(act)
        version = freeze(act, actor=actor, note=f"Correction de la reprise : {reason}")
        programmes.update(frozen=True)
        act.programme.refresh_from_db()
    if act.latest:
        totals.recount(act, before)
    if act.number:
        production.ask(version, DocumentPurpose.CONSOLIDATED)


def _follow_signatures(act: Act) -> None:
    document = act.documents.to_sign().first()
    days = document.signatures.filter(voided_at=None).values_list("signed_on", flat=True) if document else []
    act.signed_on = max(days, default=act.signed_on)


def _still_after_its_base(act: Act) -> None:
    base = act.base
    if base and act.effective_on < base.effective_on:
        words = f"{act.subject} a pris effet le {french.date(act.effective_on)} : ce texte en part."
        raise ValidationError({"effective_on": words})
    if base and act.signed_on and base.signed_on and act.signed_on < base.signed_on:
        raise ValidationError(f"{act.subject} a été signé le {french.date(act.signed_on)} : ce texte l’a été avant.")


def _faults(act: Act, values: Mapping[str, Any]) -> dict[str, str]:
    today, signed, notified = clock.today(act.dossier.time_zone), act.signed_on, act.notified_on
    errors: dict[str, str] = {}
    if signed and notified and not signed <= notified <= today:
        errors["notified_on"] = "La notification suit la dernière signature et n’est pas dans le futur."
    if act.base and act.base.signed_on and signed and signed < act.base.signed_on:
        errors["notified_on"] = f"L’acte ne peut être signé avant {act.base.name_in_sentence}."
    if act.base and act.effective_on < act.base.effective_on:
        errors["effective_on"] = f"L’acte prend effet au plus tôt le {french.date(act.base.effective_on)}."
    latest = longest_end(act)
    if act.ends_on < act.effective_on:
        errors["ends_on"] = "Le terme suit la prise d’effet."
    elif act.ends_on > latest:
        errors["ends_on"] = f"Le terme dépasse quatre ans (article 2.2) : au plus tard le {french.date(latest)}."
    elif year := _year_beyond(act, act.ends_on):
        errors["ends_on"] = f"Des montants, des cibles ou des fiches sont saisis pour {year}, après ce terme."
    for row in act.instalments.all():
        name = f"due_on-{row.year}-{row.rank}"
        if name in values and (fault := day_fault(act, row.year, row.due_on)):
            errors[name] = fault[:1].upper() + fault[1:]
    if act.latest and (beyond := next(iter(committed_beyond(act)), None)):
        errors["__all__"] = f"{beyond.text}."
    return errors


def _year_beyond(act: Act, end: dt.date) -> int | None:
    programme = act.programme
    rows = (act.contributions, act.instalments, programme.expenses, programme.resources)
    years = [year for manager in rows for year in manager.values_list("year", flat=True)]
    years += Target.objects.filter(indicator__sheet__programme=programme).values_list("year", flat=True)
    last = max([*years, *programme.sheets.values_list("last_year", flat=True)], default=end.year)
    return last if last > end.year else None
