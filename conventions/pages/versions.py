"""Reads of the negotiation: versions with all that happened to them, two contents side by side."""

import copy
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch
from django.http import Http404

from conventions import permissions as may
from conventions.content.comparison import Comparison, cached, compare
from conventions.content.freeze import build_content
from conventions.documents import production
from conventions.enums import DocumentPurpose
from conventions.models import Acceptance, Act, Document, OutsideVisa, Version, Visa
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.models import Job
from cpo.lib.wording import french


@dataclass
class VersionLine:
    """A version in the list, its document or the job that makes it."""

    version: Version
    acceptances: list[Acceptance]
    visas: list[Visa]
    outside_visas: list[OutsideVisa]
    document: Document | None
    job: Job | None
    previous: int | None
    latest: bool

    @property
    def under_way(self) -> bool:
        return production.under_way(self.job)


@dataclass
class Compared:
    """One side of a comparison: number 0 for the model or the live content."""

    number: int
    label: str
    version: Version | None = None
    live: dict[str, Any] = field(default_factory=dict, repr=False)
    is_model: bool = False

    @property
    def in_sentence(self) -> str:
        return f"la {self.label}" if self.version else f"le {self.label}"

    @property
    def content(self) -> dict[str, Any]:
        """Of a version, read on demand: it is big, and what differs is mostly kept."""
        return self.version.content if self.version else self.live


def latest_number(act: Act) -> int:
    return act.versions.order_by("-number").values_list("number", flat=True).first() or 0


def version_lines(act: Act, actors: list[Actor]) -> list[VersionLine]:
    """Versions newest first, in a constant number of queries; visas only for those who may read them."""
    of_state = may.reads_state_visas(actors)
    outside = OutsideVisa.objects.select_related("file", "withdrawn_by") if of_state else OutsideVisa.objects.none()
    versions = list(
        act.versions.defer("content").prefetch_related(
            Prefetch("acceptances", Acceptance.objects.select_related("by")),
            Prefetch("visas", Visa.objects.select_related("by", "organisation").order_by("at", "id")),
            Prefetch("outside_visas", outside),
            Prefetch(
                "documents",
                Document.objects.filter(purpose=DocumentPurpose.DRAFT, voided_at=None).select_related("file"),
            ),
        )
    )
    keys = {production.job_key(version.pk, DocumentPurpose.DRAFT): version.pk for version in versions}
    jobs = {keys[job.key]: job for job in Job.objects.filter(kind=production.KIND, key__in=list(keys)).order_by("id")}
    lines = []
    for position, version in enumerate(versions):
        older = versions[position + 1] if position + 1 < len(versions) else None
        lines.append(
            VersionLine(
                version,
                list(version.acceptances.all()),
                [visa for visa in version.visas.all() if may.reads_visas(actors, visa.organisation)],
                list(version.outside_visas.all()),
                next(iter(version.documents.all()), None),
                jobs.get(version.pk),
                older.number if older else None,
                latest=position == 0,
            )
        )
    return lines


def version_choices(act: Act) -> list[tuple[int, str]]:
    """« Version 4 – DREETS, 12 septembre 2025 », newest first."""
    sides: dict[str, str] = {Side.STATE: str(act.dossier.lead), Side.BENEFICIARY: str(act.dossier.beneficiary)}
    return [
        (version.number, f"Version {version.number} – {sides.get(version.side, 'reprise')}, {_day(version)}")
        for version in act.versions.only("act", "number", "side", "created_at")
    ]


def _day(version: Version) -> str:
    return french.date(version.created_at)


def side_by_side(act: Act, a: int, b: int) -> tuple[Compared, Compared]:
    """The two contents of a comparison. 404 for a number that is not a version."""
    versions = {version.number: version for version in act.versions.defer("content").filter(number__in={a, b} - {0})}
    if {a, b} - {0} != set(versions):
        raise Http404
    after = _version(versions[b]) if b else _live(act)
    before = _version(versions[a]) if a else _model(act, after.content)
    return before, after


def compared(before: Compared, after: Compared) -> Comparison:
    """What differs between the two sides."""
    if before.version and after.version:
        return cached.between(before.version, after.version)
    return compare(before.content, after.content)


def _version(version: Version) -> Compared:
    return Compared(version.number, str(version), version)


def _live(act: Act) -> Compared:
    return Compared(0, "contenu actuel", live=build_content(act))


def _model(act: Act, after: dict[str, Any]) -> Compared:
    """The national model with the same facts: only the articles can differ."""
    content = copy.deepcopy(after)
    content["articles"] = [
        {
            "key": article.key,
            "number": article.number,
            "title": article.title,
            "status": article.status,
            "body": article.body,
            "included": article.default_included,
            "departure": False,
            "reason": "",
        }
        for article in act.model_version.articles.all()
    ]
    return Compared(0, "modèle national", live=content, is_model=True)
