"""Live tables → content: a JSON value with all that the document prints, read in a constant number of queries.

The hash that pages print is that of the canonical JSON (close to RFC 8785: sorted keys, no space, UTF-8; amounts and
decimals as strings). docs/document.md describes the shape.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Prefetch

from actions.models import Account, Programme, Sheet
from actions.retained import printed, retain
from conventions.models import Act, ArticleText, Contribution, Instalment, Party, Version
from conventions.models.negotiation import HANDED_OVER
from conventions.money.totals import by_year
from conventions.text import signing_modes
from conventions.text.values import resolve_values
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.files.hashing import content_hash
from cpo.lib.money import total

from .comparison import cached
from .identity import identity
from .retained import joined_attachments, keep
from .sheets import EXPENSE, RESOURCE, expense_row, functions_of, iso, resource_row, sheet_row, sheets_of

SCHEMA = 1


def freeze(act: Act, *, actor: Actor, note: str, handed_over: bool = False) -> Version:
    """Write the next immutable version of the act from its live content. The caller must hold the act's lock.

    `handed_over`: the negotiation opens with this text, which becomes version 0.
    """
    keep(act)
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
    expenses = [expense_row(*row) for row in act.programme.expenses.values_list(*EXPENSE)]
    resources = [resource_row(*row) for row in act.programme.resources.values_list(*RESOURCE)]
    sheets = sheets_of(act)
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "cycle": {
            "label": cycle.label,
            "first_year": cycle.first_year,
            "last_year": cycle.last_year,
            "years": [],
            "axis_label": cycle.axis_label,
        },
        "convention": {
            "number": act.convention.number,
            "effective_on": act.convention.act.effective_on.isoformat(),
            "ends_on": act.ends_on.isoformat(),
            "origin": act.convention.origin,
        },
        "act": identity(act),
        "parties": _parties(act, act.parties.all()),
        "territories": [
            {"code": territory.code, "name": territory.name}
            for territory in retain(act.programme, act.dossier.territories.all())
        ],
        "options": dict(act.options),
        "articles": [article_row(article) for article in act.articles.all() if article.held],
        "variants": _variants(act),
        "axes": _axes(act.programme, sheets),
        "accounts": _accounts(act.programme, {row["line"]["account"] for row in [*expenses, *resources]}),
        "functions": functions_of(act.programme, sheets),
        "sheets": [sheet_row(sheet, expenses, resources) for sheet in sheets],
        "structure": {
            "expenses": [row["line"] for row in expenses if row["sheet"] is None],
            "resources": [row["line"] for row in resources if row["sheet"] is None],
        },
        "contributions": _contributions(act, act.contributions.all()),
        "instalments": [instalment_row(row) for row in act.instalments.all()],
        "attachments": _attachments(act),
    }
    content["cycle"]["years"] = _years(act.programme, content)
    content["values"] = resolve_values(act, content)
    return content


def _years(programme: Programme, content: dict[str, Any]) -> list[int]:
    """The years of the tables: those until the term, and those beyond it in which something still stands."""
    owners = [*content["sheets"], content["structure"]]
    rows = [row for owner in owners for row in (*owner["expenses"], *owner["resources"])]
    standing = {row["year"] for row in (*rows, *content["contributions"], *content["instalments"])}
    standing |= {year for sheet in content["sheets"] for year in sheet["years"]}
    return sorted({*programme.years_to_fill, *(year for year in standing if year in programme.years)})


def part(act: Act, name: str) -> list[dict[str, Any]]:
    """One list of the content, read alone: articles, parties, contributions or instalments."""
    makers: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "articles": lambda: [article_row(row) for row in act.articles.select_related("model_article") if row.held],
        "parties": lambda: _parties(act, act.parties.select_related("organisation", "delegation")),
        "contributions": lambda: _contributions(act, act.contributions.select_related("service")),
        "instalments": lambda: [instalment_row(row) for row in act.instalments.all()],
    }
    return makers[name]()


def _load(act: Act) -> Act:
    """Read the act again, with all the rows of its content and the values of reference data that it retains."""
    act = (
        Act.objects.select_related(
            "programme__cycle", "convention__dossier__lead", "convention__dossier__beneficiary", "model_version"
        )
        .prefetch_related(
            "convention__dossier__territories",
            "convention__acts",
            Prefetch("parties", Party.objects.select_related("organisation", "delegation")),
            Prefetch("articles", ArticleText.objects.select_related("model_article")),
            Prefetch("contributions", Contribution.objects.select_related("service")),
            "instalments",
            "programme__cycle__axes__objectives",
            "programme__cycle__texts",
            "model_version__variants",
            "model_version__variables",
        )
        .get(pk=act.pk)
    )
    retain(act.programme, [act.programme.cycle])
    retain(act.programme, [act.dossier.lead, act.dossier.beneficiary])
    return act


def _parties(act: Act, parties: Iterable[Any]) -> list[dict[str, Any]]:
    parties = list(parties)
    retain(act.programme, [party.organisation for party in parties])
    retain(act.programme, [party.delegation for party in parties])
    return [party_row(party) for party in parties]


def _contributions(act: Act, rows: Iterable[Contribution]) -> list[dict[str, Any]]:
    rows = list(rows)
    retain(act.programme, [row.service for row in rows])
    return [contribution_row(row) for row in rows]


def _axes(programme: Programme, sheets: list[Sheet]) -> list[dict[str, Any]]:
    objectives = [sheet.objective_id for sheet in sheets if sheet.objective_id]
    return [
        {
            "number": axis.number,
            "label": axis.label,
            "short_label": axis.short_label,
            "objectives": [
                {"number": o.number, "label": o.label} for o in printed(programme, axis.objectives.all(), objectives)
            ],
        }
        for axis in printed(programme, programme.cycle.axes.all(), [sheet.axis_id for sheet in sheets])
    ]


def _accounts(programme: Programme, used_codes: set[str]) -> list[dict[str, Any]]:
    accounts = list(Account.objects.all())
    codes = {account.pk: account.code for account in accounts}
    used = [pk for a in accounts if a.code in used_codes for pk in (a.pk, a.parent_id) if pk]
    return [
        {
            "code": a.code,
            "label": a.label,
            "side": a.side,
            "kind": a.kind,
            "parent": codes[a.parent_id] if a.parent_id else "",
        }
        for a in printed(programme, accounts, used)
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
        "due_on": iso(row.due_on),
        "amount": str(row.amount),
    }


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
            "dated": iso(delegation.dated),
            "raa": delegation.raa,
            "ceiling": str(delegation.ceiling) if delegation.ceiling is not None else None,
            "valid_until": iso(delegation.valid_until),
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
    """The passage of each insertion point, chosen by the act's options or by the model's default.

    That of the signatures follows the ways to sign that the act admits.
    """
    passages: dict[str, str] = {}
    variants = act.model_version.variants.all()
    offered = [variant.value for variant in variants if variant.option == signing_modes.OPTION]
    chosen = act.options.get(signing_modes.OPTION)
    options = act.options | {signing_modes.OPTION: signing_modes.value(signing_modes.of(act), chosen, offered)}
    for variant in variants:
        choice = options.get(variant.option)
        if (choice is None and variant.default) or choice == variant.value:
            passages[variant.group] = variant.body
    return passages


def _attachments(act: Act) -> list[dict[str, Any]]:
    """The joined documents that annexe IV names, with their hash."""
    attachments = joined_attachments(act)
    retain(act.programme, [attachment.kind for attachment in attachments])
    return [
        {"kind": a.kind.key, "label": a.kind.label, "dated": iso(a.dated), "sha256": a.file.sha256 if a.file else ""}
        for a in attachments
    ]
