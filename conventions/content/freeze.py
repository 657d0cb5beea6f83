"""Live tables → content: a JSON value with all that the document prints, read in a constant number of queries.

The hash that pages print is that of the canonical JSON (close to RFC 8785: sorted keys, no space, UTF-8; amounts and
decimals as strings). docs/document.md describes the shape.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Prefetch

from actions.models import Account, Sheet, SheetIndicator
from conventions.models import Act, Contribution, Instalment, Version
from conventions.models.negotiation import HANDED_OVER
from conventions.money.totals import by_year
from conventions.text.values import resolve_values
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.files.hashing import content_hash
from cpo.lib.money import total

from .comparison import cached
from .identity import identity

SCHEMA = 1


def freeze(act: Act, *, actor: Actor, note: str, handed_over: bool = False) -> Version:
    """Write the next immutable version of the act from its live content. The caller must hold the act's lock.

    `handed_over`: the negotiation opens with this text, which becomes version 0.
    """
    content = build_content(act)
    previous = act.versions.order_by("-number").first()
    number = HANDED_OVER if handed_over else previous.number + 1 if previous else 1
    version = Version(
        act=act,
        number=number,
        content=content,
        content_sha256=content_hash(content),
        revision=act.programme.revision,
        side=actor.side,
        author=actor.user,
        author_name=actor.name,
        note=note,
        contribution=total(by_year(content["contributions"]).values()),
        created_at=clock.now(),
    )
    version.changes = cached.between(previous, version).count if previous else 0
    version.save(force_insert=True)
    return version


def build_content(act: Act) -> dict[str, Any]:
    """Return the whole content of an act as plain data (dates ISO, amounts as strings)."""
    act = _load(act)
    cycle = act.programme.cycle
    expenses = [_expense(row) for row in act.programme.expenses.select_related("account")]
    resources = [_resource(row) for row in act.programme.resources.select_related("account")]
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "cycle": {
            "label": cycle.label,
            "first_year": cycle.first_year,
            "last_year": cycle.last_year,
            "years": cycle.years,
            "axis_label": cycle.axis_label,
        },
        "convention": {
            "number": act.convention.number,
            "effective_on": act.convention.act.effective_on.isoformat(),
            "ends_on": act.ends_on.isoformat(),
            "origin": act.convention.origin,
        },
        "act": identity(act),
        "parties": [party_row(party) for party in act.parties.all()],
        "territories": [
            {"code": territory.code, "name": territory.name} for territory in act.dossier.territories.all()
        ],
        "options": dict(act.options),
        "articles": [article_row(article) for article in act.articles.all() if article.held],
        "variants": _variants(act),
        "axes": _axes(cycle),
        "accounts": _accounts(),
        "sheets": [_sheet(sheet, expenses, resources) for sheet in _sheets(act)],
        "structure": {
            "expenses": [row["line"] for row in expenses if row["sheet"] is None],
            "resources": [row["line"] for row in resources if row["sheet"] is None],
        },
        "contributions": [contribution_row(row) for row in act.contributions.all()],
        "instalments": [instalment_row(row) for row in act.instalments.all()],
        "attachments": _attachments(act),
    }
    content["values"] = resolve_values(act, content)
    return content


def part(act: Act, name: str) -> list[dict[str, Any]]:
    """One list of the content, read alone: articles, parties, contributions or instalments."""
    makers: dict[str, tuple[Iterable[Any], Callable[[Any], dict[str, Any]]]] = {
        "articles": (act.articles.select_related("model_article"), article_row),
        "parties": (act.parties.select_related("organisation", "delegation"), party_row),
        "contributions": (act.contributions.select_related("service"), contribution_row),
        "instalments": (act.instalments.all(), instalment_row),
    }
    rows, make = makers[name]
    return [make(row) for row in rows if name != "articles" or row.held]


def _load(act: Act) -> Act:
    """Read the act again, with all the rows of its content."""
    return (
        Act.objects.select_related(
            "programme__cycle", "convention__dossier__lead", "convention__dossier__beneficiary", "model_version"
        )
        .prefetch_related(
            "convention__dossier__territories",
            "convention__acts",
            "parties__organisation",
            "parties__delegation",
            "articles__model_article",
            "contributions__service",
            "instalments",
            "programme__cycle__axes__objectives",
            "programme__cycle__texts",
            "model_version__variants",
            "model_version__variables",
        )
        .get(pk=act.pk)
    )


def _sheets(act: Act) -> list[Sheet]:
    return list(
        act.programme.sheets.select_related("axis", "objective").prefetch_related(
            "functions",
            Prefetch(
                "indicators",
                SheetIndicator.objects.select_related("definition_from").prefetch_related("targets"),
            ),
        )
    )


def _axes(cycle: Any) -> list[dict[str, Any]]:
    return [
        {
            "number": axis.number,
            "label": axis.label,
            "short_label": axis.short_label,
            "objectives": [{"number": o.number, "label": o.label} for o in axis.objectives.all()],
        }
        for axis in cycle.axes.all()
    ]


def _accounts() -> list[dict[str, Any]]:
    return [
        {
            "code": a.code,
            "label": a.label,
            "side": a.side,
            "kind": a.kind,
            "parent": a.parent.code if a.parent else "",
        }
        for a in Account.objects.select_related("parent")
    ]


def contribution_row(row: Contribution) -> dict[str, Any]:
    return {
        "year": row.year,
        "line": row.line,
        "line_label": row.get_line_display(),
        "service": row.service.short_name,
        "amount": str(row.amount),
        "note": row.note,
    }


def instalment_row(row: Instalment) -> dict[str, Any]:
    return {
        "year": row.year,
        "rank": row.rank,
        "label": row.label,
        "condition": row.condition,
        "due_on": _iso(row.due_on),
        "amount": str(row.amount),
    }


def _iso(day: Any) -> str | None:
    return day.isoformat() if day else None


def _expense(row: Any) -> dict[str, Any]:
    line = {"account": row.account.code, "year": row.year, "amount": str(row.amount)}
    return {"sheet": row.sheet_id, "line": line}


def _resource(row: Any) -> dict[str, Any]:
    line = {"account": row.account.code, "funder": row.funder, "year": row.year, "amount": str(row.amount)}
    return {"sheet": row.sheet_id, "line": line}


def party_row(party: Any) -> dict[str, Any]:
    organisation, delegation = party.organisation, party.delegation
    return {
        "role": party.role,
        "name": organisation.name,
        "short_name": organisation.short_name,
        "article_name": organisation.article_name,
        "siret": organisation.siret,
        "rna": organisation.rna,
        "address": organisation.address,
        "city": organisation.city,
        "signs": party.signs,
        "signatory_name": party.signatory_name,
        "capacity": party.capacity,
        "by_delegation": party.by_delegation,
        "delegation": {
            "reference": delegation.reference,
            "dated": _iso(delegation.dated),
            "raa": delegation.raa,
            "ceiling": str(delegation.ceiling) if delegation.ceiling is not None else None,
            "valid_until": _iso(delegation.valid_until),
        }
        if delegation
        else None,
    }


def article_row(article: Any) -> dict[str, Any]:
    model = article.model_article
    return {
        "key": model.key,
        "number": model.number,
        "title": model.title,
        "status": model.status,
        "body": article.body,
        "included": article.included,
        "departure": article.departs,
        "reason": article.reason,
        **_former(article),
    }


def _former(article: Any) -> dict[str, Any]:
    """What an act quotes of the paper original; nothing for the other texts, whose hash must stay the same."""
    if not article.former_title:
        return {}
    return {"former": {"title": article.former_title, "text": article.former_text}}


def _variants(act: Act) -> dict[str, str]:
    """The passage of each insertion point, chosen by the act's options or by the model's default."""
    passages: dict[str, str] = {}
    for variant in act.model_version.variants.all():
        choice = act.options.get(variant.option)
        if (choice is None and variant.default) or choice == variant.value:
            passages[variant.group] = variant.body
    return passages


def _attachments(act: Act) -> list[dict[str, Any]]:
    """The joined documents that annexe IV names, with their hash."""
    attachments = act.dossier.attachments.current().filter(
        kind__key__in=["attestation_cer", "deliberation_autorisation", "delegation_signature_etat",
                       "delegations_services_cosignataires", "deliberation_region"],
        file__isnull=False,
    )  # fmt: skip
    return [
        {"kind": a.kind.key, "label": a.kind.label, "dated": _iso(a.dated), "sha256": a.file.sha256 if a.file else ""}
        for a in attachments.select_related("kind", "file").order_by("kind__rank", "id")
    ]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _sheet(sheet: Sheet, expenses: list[dict[str, Any]], resources: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "key": str(sheet.key),
        "code": sheet.code,
        "title": sheet.title,
        "axis": sheet.axis.number,
        "objective": sheet.objective.number if sheet.objective else "",
        "functions": [function.code for function in sheet.functions.all()],
        "nature": sheet.nature,
        "nature_label": sheet.get_nature_display(),
        "years": sheet.years,
        "context": sheet.context,
        "objectives": _lines(sheet.objectives),
        "description": sheet.description,
        "steps": _lines(sheet.steps),
        "audience": _lines(sheet.audience),
        "territory": sheet.territory,
        "partners": _lines(sheet.partners),
        "human_means": sheet.human_means,
        "fte": str(sheet.fte) if sheet.fte is not None else "",
        "material_means": sheet.material_means,
        "starts_on": _iso(sheet.starts_on),
        "ends_on": _iso(sheet.ends_on),
        "milestones": _lines(sheet.milestones),
        "deliverables": _lines(sheet.deliverables),
        "evaluation_method": sheet.evaluation_method,
        "pilot_name": sheet.pilot_name,
        "pilot_role": sheet.pilot_role,
        "priorities": _lines(sheet.priorities),
        "label_criterion": sheet.label_criterion,
        "indicators": [_indicator(indicator) for indicator in sheet.indicators.all()],
        "expenses": [row["line"] for row in expenses if row["sheet"] == sheet.pk],
        "resources": [row["line"] for row in resources if row["sheet"] == sheet.pk],
    }


def _indicator(indicator: SheetIndicator) -> dict[str, Any]:
    return {
        "key": str(indicator.key),
        "code": indicator.definition_from.code if indicator.definition_from else "",
        "national": indicator.is_national,
        "label": indicator.label,
        "definition": indicator.definition,
        "unit": indicator.unit,
        "type": indicator.type,
        "direction": indicator.direction,
        "direction_label": indicator.get_direction_display(),
        "source": indicator.source,
        "baseline": indicator.baseline,
        "targets": {str(target.year): _target(target) for target in indicator.targets.all()},
    }


def _target(target: Any) -> dict[str, Any]:
    if target.not_applicable:
        return {"not_applicable": True}
    return {"value": str(target.number)} if target.number is not None else {"text": target.text}
