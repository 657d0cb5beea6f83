"""Conditions before a report is sent and declared admissible; each line links to its field."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from actions.completeness import public_grants
from actions.indirect import FLAT, NONE, costs_of, is_indirect
from arml.enums import AttachmentMoment
from arml.models import Attachment, AttachmentKind, User
from cpo.lib.wording import french
from cpo.lib.workflow import Missing
from reporting import figures
from reporting.content import freeze
from reporting.content.cache import cached
from reporting.content.covered import act_of
from reporting.content.decisions import answer_of, to_answer
from reporting.content.grids import standing
from reporting.deadlines.rules import may_open
from reporting.enums import UNDONE, ReportState
from reporting.models import Report, SheetReport, refused_documents
from reporting.permissions import WRITABLE, mandate_in_force, opens_documents

from .grids import answered_no

SIGNED = "compte_rendu_financier"
THE_REPORT_ITSELF = (SIGNED, "comptes_rendus_actions")


def url(report: Report, route: str, fragment: str = "", /, **kwargs: Any) -> str:
    address = reverse(route, kwargs={"number": report.convention.number, "year": report.year, **kwargs})
    return f"{address}#{fragment}" if fragment else address


def sheet_missing(report: Report, part: SheetReport) -> Iterator[Missing]:
    """What is missing in one fiche. Blank is not zero; a value may be missing when a comment gives the reason."""
    sheet = part.sheet
    page = url(report, "report-sheet", key=sheet.key)
    if not part.progress:
        yield Missing(f"Fiche {sheet.code} : avancement", f"{page}#id_progress")
    if not part.narrative.strip():
        yield Missing(f"Fiche {sheet.code} : ce qui a été fait", f"{page}#id_narrative")
    if part.progress in UNDONE:
        return
    if part.dropped_on is None:
        yield from _values_missing(report, part, page)
    if not part.expenses.all():
        yield Missing(f"Fiche {sheet.code} : charges réalisées", f"{page}#charges")


def _values_missing(report: Report, part: SheetReport, page: str) -> Iterator[Missing]:
    """The values that a year's targets call for; a fiche that left the text during the year owes none."""
    sheet = part.sheet
    values = {value.indicator_id: value for value in part.values.all()}
    for indicator in sheet.indicators.all():
        targets = {target.year: target for target in indicator.targets.all()}
        target = targets.get(report.year)
        if target is not None and target.not_applicable:
            continue
        value = values.get(indicator.pk)
        filled = value is not None and (value.number is not None or value.text or value.comment.strip())
        if not filled:
            yield Missing(
                f"Fiche {sheet.code} : valeur de « {indicator.label} », ou la raison de son absence",
                f"{page}#valeur-{indicator.pk}",
            )


def explanations_missing(report: Report, part: SheetReport) -> Iterator[Missing]:
    """What calls for a word in one fiche: a charge far from its forecast, a target far from reached.

    A fiche that was not done, or left the text during the year, tells why in its story.
    """
    if part.progress in UNDONE or part.dropped_on is not None:
        return
    page, code = url(report, "report-sheet", key=part.sheet.key), part.sheet.code
    thresholds = figures.thresholds(report)
    forecast = [row for row in part.sheet.expenses.all() if row.year == report.year]
    for line in figures.lines(report, forecast, part.expenses.all()):
        if figures.unexplained(line, thresholds.gap):
            gap = "rien n’était prévu" if line.percent is None else f"écart de {french.percent(line.percent, 0)}"
            yield Missing(f"Fiche {code}, compte {line.account.code} : {gap}, à expliquer", f"{page}#charges")
    values = {value.indicator_id: value for value in part.values.all()}
    for indicator in part.sheet.indicators.all():
        target = next((target for target in indicator.targets.all() if target.year == report.year), None)
        reached = figures.attainment(indicator, target, values.get(indicator.pk))
        if reached is not None and reached < thresholds.target and not values[indicator.pk].comment.strip():
            text = f"Fiche {code}, « {indicator.label} » : {reached} % de la cible, à commenter"
            yield Missing(text, f"{page}#valeur-{indicator.pk}")


def sheet_parts(report: Report) -> list[SheetReport]:
    """The fiches of a report with the rows that their completeness depends on, in a constant number of queries.

    Only the targets and the forecast of the year of the report are read: a fiche has those of three years.
    """
    return list(report.sheets.select_related("sheet").prefetch_related("values", *freeze.planned_rows(report.year)))


def general_missing(report: Report) -> Iterator[Missing]:
    if not report.highlights.strip():
        yield Missing("Faits marquants de l’année", url(report, "report-general", "id_highlights"))


def finance_missing(report: Report) -> Iterator[Missing]:
    if not report.resources.exists():
        yield Missing("Compte rendu financier : produits reçus", url(report, "report-finance", "produits"))


def year_is_over(report: Report) -> Iterator[Missing]:
    """A report that was opened before its campaign is sent once its year is over, or the convention has ended."""
    if report.convention.ended_on is None and not may_open(report.year, report.dossier.time_zone):
        words = f"L’année {report.year} n’est pas terminée : l’envoi s’ouvre le 1er janvier {report.year + 1}"
        yield Missing(words, url(report, "report-detail"))


def rests_on_the_right_act(report: Report) -> Iterator[Missing]:
    """An act in force on 31 December but signed after the report was opened is taken over before the sending."""
    act = act_of(report.convention, report.year)
    if act is not None and act.pk != report.act_id:
        yield Missing(
            f"{act.subject} était en vigueur au 31 décembre {report.year} : reprenez ses fiches",
            url(report, "report-detail", "acte-tardif"),
        )


def balance_missing(report: Report, finance: figures.Finance | None = None) -> Iterator[Missing]:
    """What does not balance in the compte rendu financier (article 3.5): 86 = 87, and a word on a surplus."""
    finance, page = finance or figures.finance(report), url(report, "report-finance")
    uses, sources = finance.uses.actual, finance.sources.actual
    if uses != sources:
        amounts = f"{french.euros(uses or 0)}, {french.euros(sources or 0)}"
        text = f"Emplois (86) et contributions volontaires (87) diffèrent : {amounts}"
        yield Missing(text, f"{page}#produits")
    spent, received = finance.expenses.actual, finance.resources.actual
    if spent is not None and received is not None and spent != received and not report.financial_comment.strip():
        gap = french.euros(received - spent, signed=True)
        text = f"Produits et charges diffèrent de {gap} : dites ce qu’il advient de cet écart"
        yield Missing(text, f"{page}#id_comment", "warning")


def gaps_to_explain(report: Report, finance: figures.Finance | None = None) -> Iterator[Missing]:
    """Gaps of the charges outside the fiches, by account, and of the resources, in one text (CERFA 15059*02, annex)."""
    threshold, page = figures.thresholds(report).gap, url(report, "report-finance")
    for line in figures.structure_lines(report):
        if line.actual is not None and figures.unexplained(line, threshold):
            yield Missing(f"Charges hors fiches, compte {line.account.code} : écart à expliquer", f"{page}#structure")
    received = (finance or figures.finance(report)).resources.lines
    far = [line.label for line in received if line.actual is not None and figures.unexplained(line, threshold)]
    if far and not report.financial_comment.strip():
        yield Missing(
            f"Produits : écarts de plus de {threshold} % à expliquer ({', '.join(far)})", f"{page}#id_comment"
        )


def annex_missing(report: Report, finance: figures.Finance | None = None) -> Iterator[Missing]:
    """The annex of the compte rendu financier: keys of real indirect costs, and a surplus beyond what is presumed."""
    finance, page = finance or figures.finance(report), url(report, "report-finance")
    indirect = [line for line in finance.expenses.lines if is_indirect(line.account.code) and line.actual]
    option = costs_of(report.act.programme).option
    if indirect and option not in (FLAT, NONE) and not report.allocation_keys.strip():
        yield Missing("Clés de répartition des charges indirectes", f"{page}#id_allocation_keys")
    excess = figures.excessive_surplus(report, finance)
    if excess and not report.surplus_use.strip():
        text = f"Excédent de {french.euros(excess.amount)}, au-delà de {french.percent(excess.rate)} des dépenses"
        yield Missing(f"{text} : dites son origine et sa destination (article 3.5)", f"{page}#id_surplus_use")


def requests_answered(report: Report) -> Iterator[Missing]:
    """Each request of the service has a change of its part, or an answer (« sans changement, parce que… »)."""
    if report.state != ReportState.TO_COMPLETE:
        return
    sent = report.versions.filter(number=report.round).first()
    if sent is None:
        return
    present = freeze.build(report)
    for row in present["answers"]:
        unchanged = freeze.part_of(present, row["path"]) == freeze.part_of(sent.content, row["path"])
        if unchanged and not row["answer"].strip():
            yield Missing(f"{row['label']} : rien n’a changé, dites pourquoi", url(report, "report-answers"))
    if freeze.same_substance(present, sent.content):
        yield Missing("Le compte rendu est le même qu’au dernier envoi", url(report, "report-answers"), "warning")


def all_yearly_kinds() -> QuerySet[AttachmentKind]:
    """The types of documents of a yearly report, except the two that are the report itself."""
    return AttachmentKind.objects.filter(moment=AttachmentMoment.YEARLY).exclude(key__in=THE_REPORT_ITSELF)


def yearly_kinds(report: Report) -> list[AttachmentKind]:
    """The types of documents that this year's report cannot be complete without."""
    kinds = all_yearly_kinds().filter(blocks="declaration_complet", withdrawn=False)
    grants = cache(lambda: _public_grants(report))  # added up at most once, for several kinds
    return [kind for kind in kinds if _due(report, kind, grants)]


ALWAYS = ("", "toujours")
GRANTS = "subventions_publiques_annuelles"
OTHER_SIGNATORY = "signataire_rapport_different_president"


def can_evaluate(condition: str) -> bool:
    """Whether `_due` knows this condition; a yearly document with another condition never blocks a report."""
    return condition in (*ALWAYS, OTHER_SIGNATORY) or condition.startswith(GRANTS)


def _public_grants(report: Report) -> Decimal:
    """What the State and the local authorities bring in the year, in euros, as the budget of the act says."""
    return cached(report, "public_grants", lambda row: public_grants(row.act.programme)[row.year])


def _due(report: Report, kind: AttachmentKind, grants: Callable[[], Decimal]) -> bool:
    if kind.condition in ALWAYS:
        return True
    if kind.condition.startswith(GRANTS):
        return grants() > 153000  # code de commerce, article L. 612-4; décret 2006-335
    if kind.condition == OTHER_SIGNATORY:
        # Before the sending, nobody knows yet who will send: the document is due if a director may.
        return mandate_in_force(report) if report.state in WRITABLE else "mandat" in report.submitted_as
    return False


def decisions_answered(report: Report) -> Iterator[Missing]:
    """Article 9.2: what was decided has an owner and a due day; the next report says what became of it."""
    for decision in to_answer(report):
        if not answer_of(decision).strip():
            page = url(report, "report-decisions", f"id_answer{decision.pk}")
            yield Missing(f"Décision « {decision} » : la suite donnée", page)


def financial_report_printed(report: Report) -> Iterator[Missing]:
    sending = report.last_sending()
    if sending is None or sending.financial_document is None:
        words = "Le compte rendu financier est en cours de production : revenez dans quelques instants"
        yield Missing(words, url(report, "report-detail"))


def signature_missing(report: Report) -> Iterator[Missing]:
    """Law of 12 April 2000, article 10: the compte rendu financier of what was sent is signed.

    It counts as a document of the year, whose type the DGEFP may withdraw. Before the sending there is none to sign.
    """
    if report.state != ReportState.SUBMITTED:
        return
    wanted = AttachmentKind.objects.filter(key=SIGNED, blocks="declaration_complet", withdrawn=False).exists()
    sending = report.last_sending()
    if wanted and sending is not None and sending.signature is None:
        yield Missing("Signature du compte rendu financier", url(report, "report-documents", f"piece-{SIGNED}"))


def missing_documents(report: Report, *, reader: User | None = None) -> Iterator[Missing]:
    """The documents that are missing or refused, of the kinds that the reader (None: the rule itself) may open."""
    deposited_kinds = set(
        Attachment.objects.current()
        .filter(dossier=report.dossier, year=report.year, provisional=False)
        .exclude(refused_documents())
        .values_list("kind_id", flat=True)
    )
    for kind in yearly_kinds(report):
        if kind.pk not in deposited_kinds and (reader is None or opens_documents(reader, report, kind)):
            yield Missing(f"Pièce : {kind.label}", url(report, "report-documents", f"piece-{kind.key}"))
    yield from signature_missing(report)


def grids_allow(report: Report) -> Iterator[Missing]:
    """No blocking question is answered « non », now or, as long as it is not asked again, before."""
    for grid in standing(report):
        yield from answered_no(grid, url(report, "report-grid", moment=grid.moment))


def clarifications_closed(report: Report) -> Iterator[Missing]:
    """Each request for details is judged before the report is admissible, with or without an answer."""
    for row in report.clarifications.filter(judged_at=None):
        page = url(report, "report-clarification", sequence=row.number)
        yield Missing(f"{row} : la réponse est à juger", page)


def documents_complete(report: Report) -> Iterator[Missing]:
    yield from missing_documents(report)
