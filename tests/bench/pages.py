"""The measured pages, their readers and their ceilings."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from arml.enums import Role
from arml.models import Organisation, User
from conventions.models import Act
from cpo.lib.enums import Side

from .data import account_of


@dataclass(frozen=True)
class Page:
    """A page and its ceilings. Without a ceiling, the figure is only printed."""

    label: str
    url: str
    reader: User
    floors: float | None = None
    queries: int | None = None


LIST_FLOORS, LIST_QUERIES = 2.2, 10  # docs/adr/0020: plain queries take two tenths
DETAIL_FLOORS, DETAIL_QUERIES = 4.0, 15
DASHBOARD_FLOORS = 3.0
YEAR_FLOORS = 3.0  # the lists and the pages of the year
SAVED_FLOORS = 4.0
REPORT, FICHES = "Rapport de 60 fiches", 60
LAST_PAGE = 1.5
PDF = 1.15
DEPOSIT = 1.5  # over producing the document
SCANNED_PAGE = 0.5  # seconds of a core: two pages a second
SERVED = 2.0  # over a minimal view that streams the same file
IN_FORCE, IN_FORCE_COST = "Texte en vigueur", 1.10  # over the page of the first act of the same convention
COMPARISON, COMPARISON_DETAILS = "Comparaison de 60 fiches", 3.0  # over detail pages, not over the floor


def national_reader() -> User:
    return account_of(Role.NATIONAL_READER, Organisation.objects.filter(kind="national").order_by("pk")[0])


def officer(act: Act) -> User:
    return account_of(Role.OFFICER, act.convention.dossier.lead)


def director(act: Act) -> User:
    return account_of(Role.DIRECTOR, act.convention.dossier.beneficiary)


def writer(act: Act) -> User:
    """Who has the turn: the pages show them the tables, and everybody else the last version."""
    return officer(act) if act.turn == Side.STATE else director(act)


def address(name: str, **kwargs: object) -> str:
    """The address of a page, or an empty string if this version of the application lacks it."""
    try:
        return reverse(name, kwargs=kwargs)
    except NoReverseMatch:
        return ""


def lists(service: User) -> list[Page]:
    """Pages whose content grows with the number of conventions."""
    reader = national_reader()
    return [
        Page("Conventions, DGEFP", address("convention-list"), reader, LIST_FLOORS, LIST_QUERIES),
        Page("Conventions, service", address("convention-list"), service, LIST_FLOORS, LIST_QUERIES),
        Page("Tableau de bord, DGEFP", address("dashboard"), reader, DASHBOARD_FLOORS),
        Page("Tableau de bord, service", address("dashboard"), service, DASHBOARD_FLOORS),
        Page("Liste derrière un chiffre, DGEFP", address("dashboard-list"), reader),
        Page("Rapports, DGEFP", address("report-list"), reader, YEAR_FLOORS),
        Page("Rapports, service", address("report-list"), service, YEAR_FLOORS),
        Page("Échéances, service", address("deadline-list"), service, YEAR_FLOORS),
        Page("À faire, DGEFP", address("home"), reader),
        Page("À faire, service", address("home"), service),
        Page("Organisations, DGEFP", address("organisation-list"), reader),
    ]


def details(acts: dict[str, Act]) -> list[Page]:
    """Pages of the large conventions."""
    entries = []
    for label, act in acts.items():
        number = act.convention.number
        sheet = act.programme.sheets.all()[0]
        year = act.effective_on.year
        ceilings = (officer(act), DETAIL_FLOORS, DETAIL_QUERIES)
        texts = {
            "Synthèse": address("convention-detail", number=number),
            "Programme": address("programme-detail", number=number),
            "Fiche": address("sheet-detail", number=number, key=sheet.key),
            "Budget": address("programme-budget", number=number),
            "Articles": address("convention-articles", number=number),
        }
        entries += [Page(f"{name}, {label}", texts[name], *ceilings) for name in ("Synthèse", "Programme", "Fiche")]
        entries += [
            Page(f"Budget, {label}", texts["Budget"], officer(act), YEAR_FLOORS),
            Page(f"Articles, {label}", texts["Articles"], officer(act)),
        ]
        if act.turn:
            entries += [Page(f"{name}, {label}, main", url, writer(act), DETAIL_FLOORS) for name, url in texts.items()]
        entries += [
            Page(f"Versions, {label}", address("convention-versions", number=number), officer(act)),
            Page(f"Documents, {label}", address("convention-documents", number=number), officer(act)),
            Page(f"Journal, {label}", address("convention-journal", number=number), officer(act)),
        ]
        if act.state == "active":
            url = address("report-detail", number=number, year=year)
            entries.append(Page("Rapport", url, director(act), YEAR_FLOORS))
    return [page for page in entries if page.url]


def in_force(act: Act) -> list[tuple[str, str, str]]:
    """The pages of the text in force, each with that of the first act of the same convention."""
    number, sheet = act.convention.number, act.programme.sheets.all()[0]
    names = {
        "Synthèse": ("convention-detail", {}),
        "Contribution": ("convention-contribution", {}),
        "Programme": ("programme-detail", {}),
        "Fiche": ("sheet-detail", {"key": sheet.key}),
        "Budget": ("programme-budget", {}),
        "Articles": ("convention-articles", {}),
    }
    return [
        (label, address(name, number=number, **more), address(name, number=f"{number}-initiale", **more))
        for label, (name, more) in names.items()
    ]


def beside(act: Act) -> list[tuple[str, str]]:
    """The detail pages against which the comparison is measured."""
    number, sheet = act.convention.number, act.programme.sheets.all()[0]
    return [
        ("Synthèse", address("convention-detail", number=number)),
        ("Fiche", address("sheet-detail", number=number, key=sheet.key)),
    ]


def report(act: Act) -> list[tuple[str, str]]:
    """The pages of the report of a large convention: opened, one fiche of it, where one is."""
    of = {"number": act.convention.number, "year": act.effective_on.year}
    key = act.programme.sheets.all()[0].key
    return [
        ("ouvrir", address("report-detail", **of)),
        ("une fiche", address("report-sheet", **of, key=key)),
        ("où en est-on", address("report-standing", **of)),
    ]
