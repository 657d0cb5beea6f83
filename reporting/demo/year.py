"""The year 2025 of each active convention of the demonstration, up to the last state of its story."""

import datetime as dt
import io
from decimal import Decimal
from typing import Any

from actions.models import Account
from arml.models import Attachment, User
from conventions.models import Act
from conventions.services.pieces import add_attachment
from cpo.lib import clock
from reporting import workflow
from reporting.enums import Progress
from reporting.guards import yearly_kinds
from reporting.models import Report, SheetReport
from reporting.services.documents import check_document
from reporting.services.reports import AmountInput, ValueInput, save_finance, save_general, save_sheet
from reporting.services.sheet_files import join

from .agreement import sample_file
from .instruction import tell_examination
from .meetings import convene_dialogue, hold_dialogue
from .papers import sign_financial_report
from .story import Story, at

YEAR = 2025
HIGHLIGHTS = (
    "L’année a vu la mise en place du programme régional "
    "et la première réunion du comité de pilotage avec l’ensemble des financeurs."
)
# Blank measures are not filled in, which is not zero.
NETWORK: dict[str, int | None] = {"accueillis": 9120, "pacea_entrees": 6340, "cej_entrees": 4875, "cej_emploi": 0}
PARTNERS = "Missions locales adhérentes, Région, France Travail et deux branches professionnelles."
ORDER = ("open", "in_progress", "submitted", "to_complete", "admissible", "reviewed", "concluded")


def tell_year(story: Story, act: Act) -> None:
    """Fill in, submit, examine, review and conclude the report as far as the story goes."""
    report = Report.objects.filter(convention_id=act.convention_id, year=YEAR).first()
    if report is None or story.report == "open":
        return
    fiches = {fiche["intitule"]: fiche for fiche in story.sheet_data}
    parts = list(report.sheets.select_related("sheet", "report__convention__dossier"))
    with clock.set_to(at(dt.date(2026, 5, 18), 10)):
        for part in parts if story.report != "in_progress" else parts[: len(parts) // 2]:
            _sheet(story, part, fiches[part.sheet.title])
    if story.report == "in_progress":
        return
    _finish(story, report, act)
    _examine(story, _fresh(report))


def _fresh(report: Report) -> Report:
    return Report.objects.select_related("convention__dossier__lead", "convention__dossier__beneficiary", "act").get(
        pk=report.pk
    )


def _sheet(story: Story, part: SheetReport, data: dict[str, Any]) -> None:
    done = data["compte_rendu_2025"]
    accounts = {account.code: account.pk for account in Account.objects.all()}
    comments = {row["compte"]: row["commentaire"] for row in done.get("commentaires_ecarts", [])}
    by_code = {
        indicator.definition_from.code: indicator
        for indicator in part.sheet.indicators.select_related("definition_from")
        if indicator.definition_from
    }
    save_sheet(
        part,
        fields={
            "progress": Progress(done["avancement"]),
            "narrative": done["realisations"],
            "partners": PARTNERS,
            "difficulties": done.get("difficultes") or "",
            "measures": done.get("mesures_correctives") or "",
            "next_year": done.get("annee_suivante") or "",
            "fte_used": Decimal(str(done["etp_realise"])) if done.get("etp_realise") is not None else None,
        },
        values=[_value(row, by_code[row["code"]].pk) for row in done["indicateurs"]],
        expenses=[
            AmountInput(accounts[code], story.amount(amount), comment=comments.get(code, "")[:250])
            for code, amount in done["charges"].items()
        ],
        resources=[
            AmountInput(accounts[code], story.amount(amount), funder=_funder(part, code))
            for code, amount in done["produits"].items()
        ],
        by=story.user("director"),
        expected_revision=None,
    )


def _funder(part: SheetReport, code: str) -> str:
    return part.sheet.resources.filter(account__code=code).values_list("funder", flat=True).first() or code


def _value(row: dict[str, Any], indicator_id: int) -> ValueInput:
    value = row.get("valeur")
    missing = "" if value is not None else "Donnée non disponible à la date du compte rendu."
    return ValueInput(
        indicator_id,
        number=None if value is None or isinstance(value, str) else Decimal(str(value)),
        text=value if isinstance(value, str) else "",
        numerator=_decimal(row.get("numerateur")),
        denominator=_decimal(row.get("denominateur")),
        comment=row.get("commentaire") or missing,
    )


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _finish(story: Story, report: Report, act: Act) -> None:
    director, president = story.user("director"), story.user("president")
    accounts = {account.code: account.pk for account in Account.objects.all()}
    structure = story.data["budget_global"][YEAR]["structure_non_affectee"]
    with clock.set_to(at(dt.date(2026, 6, 15), 15)):
        save_general(
            _fresh(report),
            fields={
                "highlights": HIGHLIGHTS,
                "governance": "Six réunions des directions, trois des présidences ; "
                "participation aux comités territoriaux pour l’emploi.",
            },
            network=NETWORK,
            by=director,
            expected_revision=None,
        )
        save_finance(
            _fresh(report),
            comment=story.data["compte_rendu_financier_2025"]["explication_generale"],
            expenses=[
                AmountInput(accounts[code], story.amount(value), comment="Montant arrêté à la clôture des comptes.")
                for code, value in structure["charges"].items()
            ],
            allocation_keys="Charges communes réparties au temps de travail consacré à chaque action.",
            surplus_use="L’excédent de l’année est reporté sur le plan de formation de l’année suivante.",
            resources=[
                AmountInput(accounts[code], story.amount(value), funder=Account.objects.get(code=code).label)
                for code, value in structure["produits"].items()
            ],
            by=director,
            expected_revision=None,
        )
        _documents(story, report, act)
        _join(story, report)
    with clock.set_to(at(dt.date(2026, 6, 24), 11)):
        workflow.apply("submit", _fresh(report), by=president)
    if story.report != "submitted":  # one waits for its signature
        with clock.set_to(at(dt.date(2026, 6, 29), 14)):
            sign_financial_report(story, _fresh(report))


def _documents(story: Story, report: Report, act: Act) -> None:
    for kind in yearly_kinds(report):
        data = sample_file(f"{kind.label} {YEAR}")
        add_attachment(
            act=act,
            kind=kind,
            by=story.user("director"),
            upload=io.BytesIO(data),
            name=f"{kind.label[:60]} {YEAR}.pdf",
            size=len(data),
            dated=dt.date(2026, 6, 10),
            valid_until=dt.date(2028, 12, 31) if kind.needs_end_date else None,
            year=YEAR,
        )


def _join(story: Story, report: Report) -> None:
    """What proves the first action stands with its fiche."""
    data = sample_file(f"Feuilles d’émargement {YEAR}")
    join(
        part=_fresh(report).sheets.select_related("sheet").earliest("pk"),
        by=story.user("director"),
        upload=io.BytesIO(data),
        name=f"Feuilles d’émargement {YEAR}.pdf",
        size=len(data),
    )


def _check_documents(report: Report, officer: User, *, refuses: bool) -> None:
    """The service checks what it received; it refuses the report of activity of a report that it still examines."""
    pieces = Attachment.objects.current().filter(dossier=report.dossier, year=YEAR, kind__in=yearly_kinds(report))
    for piece in pieces.select_related("kind").order_by("kind__rank", "pk"):
        refused = refuses and piece.kind.key == "rapport_activite"
        reason = "Le document déposé est celui de l’année précédente." if refused else ""
        with clock.set_to(at(dt.date(2026, 9, 8), 10)):
            check_document(_fresh(report), piece, refusal=reason, by=officer)


def _examine(story: Story, report: Report) -> None:
    officer, manager = story.user("officer"), story.user("manager")
    if story.report == "to_complete":
        first, second = report.sheets.select_related("sheet")[:2]
        requests = [
            (f"sheet/{first.sheet.key}", str(first.sheet), "Précisez la source de la valeur du premier indicateur."),
            (f"sheet/{second.sheet.key}", str(second.sheet), "Expliquez l’écart de dépenses sur le compte 62."),
        ]
        with clock.set_to(at(dt.date(2026, 9, 30), 10)):
            workflow.apply("send_back", report, by=officer, data={"requests": requests})
        return
    _check_documents(report, officer, refuses=story.report == "submitted")
    finished = ORDER.index(story.report) >= ORDER.index("admissible")
    tell_examination(story, report, finished=finished)
    if not finished:
        return
    with clock.set_to(at(dt.date(2026, 9, 18), 10)):
        workflow.apply("declare_admissible", report, by=manager)
    if story.report == "admissible":
        convene_dialogue(story, report)
        return
    hold_dialogue(story, report, concludes=story.report == "concluded")
