"""What the pages of the negotiation read: the versions with their history, and two contents side by side."""

import copy
import re
from collections.abc import Iterable
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
from cpo.lib import zones
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.models import Job
from cpo.lib.wording import french


@dataclass
class VersionLine:
    """A version in the list, with its document, or the job that produces it."""

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
class ComparedSide:
    """One of the two contents of a comparison. `key`: its name in addresses, see `side_by_side`."""

    key: str
    label: str
    version: Version | None = None
    live: dict[str, Any] = field(default_factory=dict, repr=False)
    is_model: bool = False

    @property
    def in_sentence(self) -> str:
        return f"la {self.label}" if self.version else f"le {self.label}"

    @property
    def content(self) -> dict[str, Any]:
        """The content of a version is read only when needed: it is big, and most comparisons are in the cache."""
        return self.version.content if self.version else self.live


MODEL, LIVE = "modele", "actuel"  # in addresses: the national model, the live content


def latest_number(act: Act) -> int:
    """Return the number of the last version that was proposed, 0 when there is none."""
    return act.versions.proposed().order_by("-number").values_list("number", flat=True).first() or 0


def version_lines(act: Act, actors: list[Actor]) -> list[VersionLine]:
    """Return the versions, newest first, in a constant number of queries; visas only for those who may read them."""
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


def version_choices(act: Act, versions: Iterable[Version] | None = None) -> list[tuple[str, str]]:
    """Return the choices of a list, newest first: « Version 4 – DREETS, 12 septembre 2025 ».

    `versions`: all those of the act, newest first, if they were read.
    """
    sides: dict[str, str] = {Side.STATE: str(act.dossier.lead), Side.BENEFICIARY: str(act.dossier.beneficiary)}
    return [
        (str(version.number), f"{version.title} – {sides.get(version.side, 'reprise')}, {_day(version, act)}")
        for version in (act.versions.only("act", "number", "side", "created_at") if versions is None else versions)
    ]


def _day(version: Version, act: Act) -> str:
    return french.date(zones.at(version.created_at, act.dossier))


def side_by_side(act: Act, a: str, b: str) -> tuple[ComparedSide, ComparedSide]:
    """Return the two contents of a comparison: numbers of versions, MODEL for `a`, LIVE for `b`; else raises Http404.

    Old addresses say 0 for both: they still do for an act without version 0.
    """
    numbers = {int(key) for key in (a, b) if re.fullmatch(r"[0-9]{1,9}", key)}
    versions = {str(version.number): version for version in act.versions.defer("content").filter(number__in=numbers)}
    if "0" not in versions:
        a, b = MODEL if a == "0" else a, LIVE if b == "0" else b
    if a not in (MODEL, *versions) or b not in (LIVE, *versions) or (a == MODEL and act.convention.on_paper):
        raise Http404
    after = _live(act) if b == LIVE else _version(versions[b])
    before = _model(act, after.content) if a == MODEL else _version(versions[a])
    return before, after


def comparison_of(before: ComparedSide, after: ComparedSide) -> Comparison:
    """Compare the two contents; the result for two versions is cached."""
    if before.version and after.version:
        return cached.between(before.version, after.version)
    return compare(before.content, after.content)


def _version(version: Version) -> ComparedSide:
    return ComparedSide(str(version.number), str(version), version)


def _live(act: Act) -> ComparedSide:
    return ComparedSide(LIVE, "contenu actuel", live=build_content(act))


def _model(act: Act, after: dict[str, Any]) -> ComparedSide:
    """Return the national model with the facts of `after`, so that only the articles can differ."""
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
    return ComparedSide(MODEL, "modèle national", live=content, is_model=True)
