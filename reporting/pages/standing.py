"""« Où en est-on » as a person reads it: from the live report for who writes it, from the last sending for others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from arml.models import User
from cpo.lib import zones
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.wording import french
from reporting import permissions as may
from reporting.content import freeze, standing
from reporting.enums import ReportState
from reporting.models import Report, ReportVersion
from reporting.money.retained import retained_amounts
from reporting.pages.reports import actors_of

ADDRESSES = {"compte": "account", "fiche": "sheet", "axe": "axis", "financeur": "funder", "ligne": "line"}


@dataclass
class Standing:
    """The table of a report. `version` None: it is being written. `newer`: (year, sending used, last sending)."""

    report: Report
    actors: list[Actor]
    content: dict[str, Any]
    version: ReportVersion | None
    newer: list[tuple[int, int, int]]

    @cached_property
    def tables(self) -> dict[str, standing.Table]:
        """The five cuts. What the service retains is examined after the sending, so it stands in no sending."""
        retained = self._retained if may.reads_retained(self.actors) else None
        return standing.read(self.content["standing"], retained)

    @property
    def _retained(self) -> dict[tuple[int, str, str], Decimal | None]:
        """What is retained of this year and of the former ones; nothing of an examination that is not read yet."""
        reports = list(Report.objects.filter(convention=self.report.convention_id, year__lte=self.report.year))
        read = {report.pk for report in reports if may.reads_examination(self.actors, report)}
        return {key: amount if key[0] in read else None for key, amount in retained_amounts(reports).items()}

    @property
    def notes(self) -> list[str]:
        """What the figures rest on, a sentence each."""
        return list(_notes(self))

    @property
    def newer_words(self) -> list[str]:
        return [
            f"{year} : ce tableau garde les chiffres de l’envoi n° {used} ; l’envoi n° {last} en porte de plus récents."
            if used
            else f"{year} : ce tableau n’en compte rien ; l’envoi n° {last} est arrivé depuis."
            for year, used, last in self.newer
        ]

    @property
    def bases(self) -> list[dict[str, Any]]:
        return list(self.content["bases"])


def _notes(shown: Standing) -> Iterator[str]:
    year = shown.report.year
    version = shown.version
    if version is None:
        yield f"Compte rendu {year}, en cours de saisie : le tableau sera figé à l’envoi."
    else:
        at = zones.at(version.sent_at, shown.report.dossier)
        yield f"Compte rendu {year}, {version} du {french.date(at.date())}. Ce tableau ne change plus."
    yield f"Budget : {shown.content['act']}, en vigueur au 31 décembre {year}, toutes années comprises."
    for base in shown.bases:
        if base["sending"]:
            yield f"Déjà déclaré en {base['year']} : envoi n° {base['sending']}."
        else:
            yield f"Déjà déclaré en {base['year']} : aucun compte rendu n’était envoyé ici, rien n’en est compté."
    yield (
        "Charges et produits en numéraire, sans les contributions volontaires (86 et 87). « – » : non renseigné, "
        "qui n’est pas zéro. Une ligne de l’État reçoit sa part des versements selon la contribution de l’année."
    )


def of_report(report: Report, user: User) -> Standing | None:
    """The table that the person reads; None before the first sending, but for the association."""
    read = (freeze.live_standing(report), None) if _writes(report, user) else _last_sending(report, user)
    if read is None or "standing" not in read[0]:  # a sending from before this table
        return None
    content, version = read
    newer = newer_bases(content, report.convention_id) if version else []
    return Standing(report, actors_of(user, report), content, version, newer)


def content_of(report: Report, user: User) -> tuple[dict[str, Any], ReportVersion | None] | None:
    """What the person reads of a report: live for who writes it, else its last sending; None before there is one."""
    return (freeze.build(report), None) if _writes(report, user) else _last_sending(report, user)


def _writes(report: Report, user: User) -> bool:
    sides = (actor.side for actor in actors_of(user, report))
    return report.state in may.WRITABLE and Side.BENEFICIARY in sides


def _last_sending(report: Report, user: User) -> tuple[dict[str, Any], ReportVersion | None] | None:
    version = ReportVersion.objects.visible_to(user).filter(report=report).order_by("-number").first()
    return (version.content, version) if version else None


def latest(reports: Sequence[Report], user: User) -> Iterator[Standing]:
    """The tables of the reports of a convention that the person reads, the last year first."""
    return (shown for report in reports if report.round or _begun(report) if (shown := of_report(report, user)))


def _begun(report: Report) -> bool:
    return report.state != ReportState.OPEN


def newer_bases(content: dict[str, Any], convention_id: int) -> list[tuple[int, int, int]]:
    """The former years that were sent again since: (year, sending that the table adds up, last sending)."""
    last = dict(Report.objects.filter(convention=convention_id).values_list("year", "round"))
    used = [(base["year"], base["sending"] or 0) for base in content["bases"]]
    return [(year, sending, last.get(year, 0)) for year, sending in used if last.get(year, 0) > sending]


def cut_of(address: str) -> str:
    """The cut that an address asks for; by account when it asks for none that is known."""
    return ADDRESSES.get(address, "account")
