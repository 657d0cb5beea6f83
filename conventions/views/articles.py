"""The list of the articles, and the page of each one: its text with values, its model, the differences and why."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_safe

from arml.permissions import capacities
from conventions.content.freeze import build_content
from conventions.enums import ArticleStatus, ConventionState, VariableType
from conventions.forms.articles import ArticleForm
from conventions.models import Act, ArticleText, ModelArticle
from conventions.pages.frame import build
from conventions.services import threads
from conventions.services.articles import set_article
from conventions.text.wording import NAME, Wording
from cpo.lib.editing import conflicts
from cpo.lib.wording.numbers import whole_number
from cpo.lib.wording.words import changed_paragraphs

from .common import work_page
from .drafting import add_errors
from .framing import editing_rights, last_writer, open_act, open_page, page, read_again


def title_of(model: ModelArticle) -> str:
    """Return « Article 5 – Modalités de versement »; a section without a number has its title only."""
    number = f"Article {model.number} – " if whole_number(model.number[:1]) is not None else ""
    return f"{number}{model.title}"


@require_safe
def convention_articles(request: HttpRequest, number: str) -> HttpResponse:
    act = open_act(request, number)
    actors = capacities(request.user, act.dossier)
    thread_counts: dict[str, int] = {}
    for path in threads.readable(act, actors).filter(resolved_at=None).values_list("path", flat=True):
        thread_counts[path] = thread_counts.get(path, 0) + 1
    articles = list(act.articles.select_related("model_article"))
    lines = [
        {
            "article": article,
            "model": article.model_article,
            "title": title_of(article.model_article),
            "threads": thread_counts.get(f"article/{article.model_article.key}", 0),
        }
        for article in articles
    ]
    context = {
        "lines": lines,
        "departures": sum(article.departs for article in articles),
        "model": act.model_version,
    }
    return page(request, "text/articles", act, "articles", context | editing_rights(request.user, act))


@require_http_methods(["GET", "HEAD", "POST"])
def convention_article(request: HttpRequest, number: str, key: str) -> HttpResponse:
    act = open_act(request, number)
    articles = list(act.articles.select_related("model_article", "changed_by"))
    article = next((row for row in articles if row.model_article.key == key), None)
    if article is None:
        article = get_object_or_404(act.articles, model_article__key=key)
    rights = editing_rights(request.user, act)
    locked = article.model_article.status == ArticleStatus.LOCKED
    editable = rights["may_edit"] and not locked
    if request.method == "POST" and not editable:
        raise PermissionDenied(
            "Cet article est verrouillé : son texte est celui du modèle national." if locked else rights["why_not"]
        )
    form = ArticleForm(request.POST or None, act=act, article=article) if editable else None
    extra: dict[str, Any] = {}
    status = 200
    if request.method == "POST" and form is not None and form.is_valid():
        if "apercu" in request.POST:
            extra["preview"] = form.wording
        else:
            outcome = _save(request, act, article)
            if outcome.saved:
                reset = "modele" in request.POST
                messages.success(
                    request, "L’article reprend le texte du modèle." if reset else "L’article est enregistré."
                )
                return redirect("convention-article", number, key)
            form, status = outcome.form, outcome.status
            if outcome.error:
                extra["preview"] = form.wording  # the preview marks the variables that are refused
                add_errors(form, outcome.error)
    context = _context(request, act, articles, article, form, extra)
    return render(request, "conventions/text/article.html", context | rights | extra, status=status)


def _save(request: HttpRequest, act: Act, article: ArticleText) -> conflicts.Outcome:
    model = article.model_article
    reset = "modele" in request.POST
    if reset:
        data = request.POST.copy()
        data["body"], data["reason"] = model.body, ""
        request.POST = data  # type: ignore[assignment]

    def make(data: QueryDict | None) -> ArticleForm:
        fresh = act.articles.select_related("model_article").get(pk=article.pk)
        return ArticleForm(data, act=read_again(act), article=fresh)

    def write(form: ArticleForm, revision: int) -> None:
        set_article(
            act=act,
            key=model.key,
            body=form.wording,
            included=model.default_included if reset else form.keeps,
            reason=form.cleaned_data["reason"],
            by=request.user,
            expected_revision=revision,
        )

    element = f"l’article « {model.title} »"
    return conflicts.save(request, make=make, write=write, author=lambda: last_writer(act, element))


def _context(
    request: HttpRequest,
    act: Act,
    articles: list[ArticleText],
    article: ArticleText,
    form: ArticleForm | None,
    extra: dict[str, Any],
) -> dict[str, Any]:
    model = article.model_article
    content = build_content(act)
    variables = {variable.name: variable for variable in act.model_version.variables.all()}
    wording = _wording(content, variables)
    position = articles.index(article)
    actors = capacities(request.user, act.dossier)
    act_threads = [t for t in threads.readable(act, actors) if t.path == f"article/{model.key}"]
    frame = build(open_page(request, act.reference), "articles")
    badges = [(act.state, "act", frame.head["state_label"])]
    if frame.head["turn"]:
        badges.append((frame.head["turn"], "turn", frame.head["turn_label"]))
    return work_page(act, back="convention-articles", label=f"{act.reference}, articles") | {
        "badges": badges,
        "article": article,
        "model": model,
        "title": title_of(model),
        "form": form,
        "html": mark_safe(wording.html(article.body)),
        "preview_html": mark_safe(replace(wording, proof=True).html(extra["preview"])) if "preview" in extra else "",
        "preview_paragraphs": changed_paragraphs(model.body, extra["preview"]) if "preview" in extra else [],
        "model_html": mark_safe(wording.html(model.body)),
        "paragraphs": changed_paragraphs(model.body, article.body) if article.body != model.body else [],
        "choices": _choices(content, variables) if form and "body" in form.fields else [],
        "used": _used_variables(wording, article.body, content, variables),
        "before": _neighbour(articles, position - 1),
        "after": _neighbour(articles, position + 1),
        "rank": position + 1,
        "total": len(articles),
        "with_bar": form is not None,
        "open_threads": [t for t in act_threads if t.resolved_at is None],
        "resolved_count": sum(t.resolved_at is not None for t in act_threads),
        "may_comment": threads.commenter(request.user, act) is not None and act.state in Act.OPEN,
        "draft": act.state == ConventionState.DRAFT,
    }


def _wording(content: dict[str, Any], variables: dict[str, Any]) -> Wording:
    """Return what formats the articles. A table of the document is replaced by its name."""
    tables = {
        name: format_html('<p class="cpo-discret">[Tableau du document : {}]</p>', variable.label)
        for name, variable in variables.items()
        if variable.type == VariableType.TABLE
    }
    return Wording(values=content["values"], variants=content["variants"], tables=tables)


def _neighbour(articles: list[ArticleText], position: int) -> dict[str, str] | None:
    if not 0 <= position < len(articles):
        return None
    model = articles[position].model_article
    return {"key": model.key, "title": title_of(model)}


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value or "")


def _choices(content: dict[str, Any], variables: dict[str, Any]) -> list[dict[str, str]]:
    """Return every variable that the text may name, with its present value."""
    return [
        {"name": name, "label": variable.label, "value": _text(content["values"].get(name, ""))[:120]}
        for name, variable in sorted(variables.items())
    ]


def _used_variables(
    wording: Wording, body: str, content: dict[str, Any], variables: dict[str, Any]
) -> list[dict[str, str]]:
    """Return the variables of this article and of its variants, with their values."""
    names = dict.fromkeys(NAME.findall(wording.expanded(body)))
    return [
        {"name": name, "label": variables[name].label, "value": _text(content["values"].get(name, ""))}
        for name in names
        if name in variables and variables[name].type != VariableType.TABLE
    ]
