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
    """The versions with how many conventions each has; the form that opens a new one."""
    actor = acting_nationally(request.user)
    found = get_cycle(cycle)
    form = NewVersionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            version = services.new_version(cycle=found, by=actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error("number", refused.message)
        else:
            messages.success(request, f"La version {version.number} est en préparation.")
            return redirect(_url(version))
    rows = (
        ModelVersion.objects.filter(cycle=found)
        .annotate(uses=Count("acts", distinct=True), size=Count("articles", distinct=True))
        .order_by("-published_on", "-id")
    )
    draft = next((row for row in rows if not row.published_on), None)
    context = {"rows": rows, "draft": draft, "form": form, **frame(found, "reference-model")}
    return render(request, "reference/model_versions.html", context)


@require_safe
def version(request: HttpRequest, cycle: str, number: str) -> HttpResponse:
    acting_nationally(request.user)
    found = get_cycle(cycle)
    one = _version(found, number)
    articles = one.articles.all()
    here = frame(found, "reference-model", {"label": f"Version {one.number}"})
    return render(request, "reference/model_version.html", {"version": one, "articles": articles, **here})


@require_http_methods(FORM)
def article(request: HttpRequest, cycle: str, number: str, key: str) -> HttpResponse:
    """Read an article of a published version; edit one of a draft, with the passages that it chooses from."""
    actor = acting_nationally(request.user)
    found = get_cycle(cycle)
    one = get_object_or_404(
        ModelArticle.objects.select_related("version__cycle"), version=_version(found, number), key=key
    )
    here = frame(
        found,
        "reference-model",
        {"label": f"Version {number}", "url": _url(one.version)},
        {"label": one.title},
    )
    chosen = [name for name in NAME.findall(one.body) if name.startswith(VARIANT_PREFIX)]
    passages = list(one.version.variants.filter(group__in=chosen))
    if one.version.published_on:
        return render(request, "reference/model_article.html", {"article": one, **_printed(one, passages), **here})
    groups = set(one.version.variants.values_list("group", flat=True))

    def make(data: QueryDict | None) -> list[Any]:
        variants = one.version.variants.filter(pk__in=[variant.pk for variant in passages])
        return [
            ModelArticleForm(data, instance=_read_again(one), groups=groups),
            *(VariantForm(data, instance=variant, prefix=f"v{variant.pk}") for variant in variants),
        ]

    forms, status = make(None), 200
    if request.method == "POST":
        outcome = conflicts.save(
            request,
            make=make,
            write=lambda made, revision: _write_article(one, made, revision, actor),
            author=lambda: _last_writer(one.version),
        )
        if outcome.saved:
            messages.success(request, "L’article est enregistré." if outcome.result else "Rien n’a changé.")
            return redirect(_url(one.version))
        forms, status = outcome.form, outcome.status
    form, *others = forms
    parts = [(part.instance, part) for part in others]
    variables = sorted(VARIABLES.values(), key=lambda variable: variable.name)
    context = {"article": one, "form": form, "parts": parts, "forms": forms, "variables": variables, **here}
    return render(request, "reference/model_article_form.html", context, status=status)


def _read_again(article: ModelArticle) -> ModelArticle:
    return get_object_or_404(ModelArticle.objects.select_related("version__cycle"), pk=article.pk)


def _write_article(article: ModelArticle, made: list[Any], revision: int, actor: Actor) -> bool:
    form, *parts = made
    bodies = {part.instance.pk: part.cleaned_data["body"] for part in parts}
    return services.update_article(
        article=_read_again(article), changes=form.changes, variants=bodies, expected_revision=revision, by=actor
    )


def _last_writer(version: ModelVersion) -> JournalEntry | None:
    return journal.last(version, "model_article_changed", "model_replaced")


def _printed(article: ModelArticle, passages: list[Any]) -> dict[str, Any]:
    """The article as it reads, each variable replaced by what it stands for, in brackets."""
    values = {name: f"[{variable.label}]" for name, variable in VARIABLES.items()}
    tables = {name: f"<p>[{variable.label}]</p>" for name, variable in VARIABLES.items()}
    variants = {passage.group: passage.body for passage in passages if passage.default}
    wording = Wording(values=values, variants=variants, tables=tables)
    others = [(passage, wording.html(passage.body)) for passage in passages if not passage.default]
    return {"html": wording.html(article.body), "others": others}


@require_http_methods(FORM)
def whole(request: HttpRequest, cycle: str, number: str) -> HttpResponse:
    """Paste the whole model as text: for an official wording that replaces everything."""
    actor = acting_nationally(request.user)
    found = get_cycle(cycle)
    one = _version(found, number)
    if one.published_on:
        messages.info(request, "Cette version est publiée : elle ne change plus.")
        return redirect(_url(one))
    form, status = WholeModelForm(version=one), 200
    if request.method == "POST":
        outcome = conflicts.save(
            request,
            make=lambda data: WholeModelForm(data, version=_version(found, number)),
            write=lambda form, revision: services.replace_content(
                version=one, text=form.parsed, expected_revision=revision, by=actor
            ),
            author=lambda: _last_writer(one),
        )
        if outcome.saved:
            messages.success(request, f"Le texte de la version {one.number} est remplacé.")
            return redirect(_url(one))
        form, status = outcome.form, outcome.status
    trail = ({"label": f"Version {number}", "url": _url(one)}, {"label": "Texte entier"})
    context = {"version": one, "form": form, **frame(found, "reference-model", *trail)}
    return render(request, "reference/model_whole.html", context, status=status)


@require_POST
def publish(request: HttpRequest, cycle: str, number: str) -> HttpResponse:
    actor = acting_nationally(request.user)
    one = _version(get_cycle(cycle), number)
    try:
        services.publish(version=one, by=actor)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(
            request, f"La version {one.number} est publiée : les nouvelles conventions seront préparées avec elle."
        )
    return redirect(_url(one))


@require_POST
def discard(request: HttpRequest, cycle: str, number: str) -> HttpResponse:
    actor = acting_nationally(request.user)
    one = _version(get_cycle(cycle), number)
    try:
        services.discard(version=one, by=actor)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect(_url(one))
    messages.success(request, f"La version {number} est abandonnée.")
    return redirect("reference-model", cycle)
