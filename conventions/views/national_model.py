"""Reference pages of the national model: its versions, its articles, the draft that is edited then published."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from actions.models import Cycle
from actions.views.catalogue import frame, get_cycle
from arml.permissions import acting_nationally
from conventions.forms.national_model import ModelArticleForm, NewVersionForm, VariantForm, WholeModelForm
from conventions.models import ModelArticle, ModelVersion
from conventions.services import national_model as services
from conventions.text.shipped import new_model
from conventions.text.variables import VARIABLES
from conventions.text.wording import NAME, VARIANT_PREFIX, Wording
from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.editing import conflicts
from cpo.lib.models import JournalEntry
from cpo.lib.workflow import Refused

FORM = ["GET", "HEAD", "POST"]


def _version(cycle: Cycle, number: str) -> ModelVersion:
    return get_object_or_404(ModelVersion.objects.select_related("cycle"), cycle=cycle, number=number)


def _url(version: ModelVersion) -> str:
    return resolve_url("reference-model-version", version.cycle.key, version.number)


@require_http_methods(FORM)
def versions(request: HttpRequest, cycle: str) -> HttpResponse:
    """Show the versions, each with its number of conventions, and the form that opens a new version."""
    actor = acting_nationally(request.user)
    cycle_obj = get_cycle(cycle)
    shipped = new_model(cycle_obj)
    if "garder" in request.POST:
        services.set_shipped_aside(cycle=cycle_obj, by=actor)
        messages.success(request, "La rédaction livrée avec l’application est laissée de côté.")
        return redirect("reference-model", cycle_obj.key)
    form = NewVersionForm(request.POST or None, shipped=shipped is not None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        make = services.take_shipped if data.get("source") == "shipped" else services.new_version
        try:
            version = make(cycle=cycle_obj, by=actor, number=data["number"], note=data["note"])
        except Refused as refused:
            form.add_error("number", refused.message)
        else:
            messages.success(request, f"La version {version.number} est en préparation.")
            return redirect(_url(version))
    rows = (
        ModelVersion.objects.filter(cycle=cycle_obj)
        .annotate(uses=Count("acts", distinct=True), size=Count("articles", distinct=True))
        .order_by("-published_on", "-id")
    )
    draft = next((row for row in rows if not row.published_on), None)
    context = {"rows": rows, "draft": draft, "form": form, "shipped": shipped, **frame(cycle_obj, "reference-model")}
    return render(request, "reference/model_versions.html", context)


@require_safe
def version(request: HttpRequest, cycle: str, number: str) -> HttpResponse:
    acting_nationally(request.user)
    cycle_obj = get_cycle(cycle)
    model_version = _version(cycle_obj, number)
    articles = model_version.articles.all()
    base = frame(cycle_obj, "reference-model", {"label": f"Version {model_version.number}"})
    return render(request, "reference/model_version.html", {"version": model_version, "articles": articles, **base})


@require_http_methods(FORM)
def article(request: HttpRequest, cycle: str, number: str, key: str) -> HttpResponse:
    """Show an article of a published version, or edit one of a draft with the variants of its passages."""
    actor = acting_nationally(request.user)
    cycle_obj = get_cycle(cycle)
    row = get_object_or_404(
        ModelArticle.objects.select_related("version__cycle"), version=_version(cycle_obj, number), key=key
    )
    trail = ({"label": f"Version {number}", "url": _url(row.version)}, {"label": row.title})
    base = frame(cycle_obj, "reference-model", *trail)
    variant_groups = [name for name in NAME.findall(row.body) if name.startswith(VARIANT_PREFIX)]
    passages = list(row.version.variants.filter(group__in=variant_groups))
    if row.version.published_on:
        context = {"article": row, **_print_context(row, passages), **base}
        return render(request, "reference/model_article.html", context)
    groups = set(row.version.variants.values_list("group", flat=True))

    def make(data: QueryDict | None) -> list[Any]:
        variants = row.version.variants.filter(pk__in=[variant.pk for variant in passages])
        return [
            ModelArticleForm(data, instance=_read_again(row), groups=groups),
            *(VariantForm(data, instance=variant, prefix=f"v{variant.pk}") for variant in variants),
        ]

    forms, status = make(None), 200
    if request.method == "POST":
        outcome = conflicts.save(
            request,
            make=make,
            write=lambda article_forms, revision: _write_article(row, article_forms, revision, actor),
            author=lambda: _last_writer(row.version),
        )
        if outcome.saved:
            messages.success(request, "L’article est enregistré." if outcome.result else "Rien n’a changé.")
            return redirect(_url(row.version))
        forms, status = outcome.form, outcome.status
    form, *variant_forms = forms
    parts = [(part.instance, part) for part in variant_forms]
    variables = sorted(VARIABLES.values(), key=lambda variable: variable.name)
    context = {"article": row, "form": form, "parts": parts, "forms": forms, "variables": variables, **base}
    return render(request, "reference/model_article_form.html", context, status=status)


def _read_again(article: ModelArticle) -> ModelArticle:
    return get_object_or_404(ModelArticle.objects.select_related("version__cycle"), pk=article.pk)


def _write_article(article: ModelArticle, forms: list[Any], revision: int, actor: Actor) -> bool:
    form, *parts = forms
    bodies = {part.instance.pk: part.cleaned_data["body"] for part in parts}
    return services.update_article(
        article=_read_again(article), changes=form.changes, variants=bodies, expected_revision=revision, by=actor
    )


def _last_writer(version: ModelVersion) -> JournalEntry | None:
    return journal.last(version, "model_article_changed", "model_replaced")


def _print_context(article: ModelArticle, passages: list[Any]) -> dict[str, Any]:
    """Return the article with the label of each variable in its place, in brackets."""
    values = {name: f"[{variable.label}]" for name, variable in VARIABLES.items()}
    tables = {name: f"<p>[{variable.label}]</p>" for name, variable in VARIABLES.items()}
    variants = {passage.group: passage.body for passage in passages if passage.default}
    wording = Wording(values=values, variants=variants, tables=tables)
    other_variants = [(passage, wording.html(passage.body)) for passage in passages if not passage.default]
    return {"html": wording.html(article.body), "others": other_variants}


@require_http_methods(FORM)
def whole(request: HttpRequest, cycle: str, number: str) -> HttpResponse:
    """Replace the whole model by a text that the person pastes."""
    actor = acting_nationally(request.user)
    cycle_obj = get_cycle(cycle)
    model_version = _version(cycle_obj, number)
    if model_version.published_on:
        messages.info(request, "Cette version est publiée : elle ne change plus.")
        return redirect(_url(model_version))
    form, status = WholeModelForm(version=model_version), 200
    if request.method == "POST":
        outcome = conflicts.save(
            request,
            make=lambda data: WholeModelForm(data, version=_version(cycle_obj, number)),
            write=lambda form, revision: services.replace_content(
                version=model_version, text=form.parsed, expected_revision=revision, by=actor
            ),
            author=lambda: _last_writer(model_version),
        )
        if outcome.saved:
            messages.success(request, f"Le texte de la version {model_version.number} est remplacé.")
            return redirect(_url(model_version))
        form, status = outcome.form, outcome.status
    trail = ({"label": f"Version {number}", "url": _url(model_version)}, {"label": "Texte entier"})
    context = {"version": model_version, "form": form, **frame(cycle_obj, "reference-model", *trail)}
    return render(request, "reference/model_whole.html", context, status=status)


@require_POST
def publish(request: HttpRequest, cycle: str, number: str) -> HttpResponse:
    actor = acting_nationally(request.user)
    model_version = _version(get_cycle(cycle), number)
    try:
        services.publish(version=model_version, by=actor)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(
            request,
            f"La version {model_version.number} est publiée : les nouvelles conventions seront préparées avec elle.",
        )
    return redirect(_url(model_version))


@require_POST
def discard(request: HttpRequest, cycle: str, number: str) -> HttpResponse:
    actor = acting_nationally(request.user)
    model_version = _version(get_cycle(cycle), number)
    try:
        services.discard(version=model_version, by=actor)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect(_url(model_version))
    messages.success(request, f"La version {number} est abandonnée.")
    return redirect("reference-model", cycle)
