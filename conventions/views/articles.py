"""The list of the articles, and the page of each one: its text with values, its model, the differences and why."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_safe

from conventions.content.comparison.contents import article_title
from conventions.enums import ArticleStatus, ConventionState, VariableType
from conventions.forms.articles import ArticleForm
from conventions.models import Act, ArticleText
from conventions.pages.act_page import ActPage
from conventions.pages.frame import build
from conventions.pages.whole_text import whole_text
from conventions.services import threads
from conventions.services.articles import set_article
from conventions.text.variables import OF_YEARS
from conventions.text.wording import NAME, Wording
from cpo.lib.editing import conflicts
from cpo.lib.wording.words import changed_paragraphs

from . import paper_articles
from .common import work_page
from .drafting import add_errors
from .framing import editing_rights, last_writer, open_page, page, read_again


@require_safe
def convention_articles(request: HttpRequest, number: str) -> HttpResponse:
    act_page = open_page(request, number)
    act = act_page.act
    if act.convention.on_paper:
        return paper_articles.articles_page(request, act_page)
    articles = act_page.part("articles")
    lines = [
        {
            "article": article,
            "title": article_title(article),
            "threads": act_page.exchange_counts[f"article/{article['key']}"],
        }
        for article in articles
    ]
    context = {
        "lines": lines,
        "departures": sum(article["departure"] for article in articles),
        "model": act_page.text.model_version,
        "whole_text": whole_text(act, act_page.actors),
    }
    return page(request, "text/articles", act, "articles", context | editing_rights(request.user, act))


@require_http_methods(["GET", "HEAD", "POST"])
def convention_article(request: HttpRequest, number: str, key: str) -> HttpResponse:
    act_page = open_page(request, number)
    act = act_page.act
    if act.convention.on_paper:
        return paper_articles.article_page(request, act_page, key)
    articles = act_page.part("articles")
    shown = next((row for row in articles if row["key"] == key), None)
    if shown is None:
        raise Http404
    article = get_object_or_404(
        act_page.text.articles.select_related("model_article", "changed_by"), model_article__key=key
    )
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
    context = _context(request, act_page, articles, shown, article, form, extra)
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
    act_page: ActPage,
    articles: list[dict[str, Any]],
    shown: dict[str, Any],
    article: ArticleText,
    form: ArticleForm | None,
    extra: dict[str, Any],
) -> dict[str, Any]:
    act, model, content, body = act_page.act, article.model_article, act_page.content, shown["body"]
    variables = {variable.name: variable for variable in act_page.text.model_version.variables.all()}
    variables |= {name: variable for name, variable in OF_YEARS.items() if name in content["values"]}
    wording = _wording(content, variables)
    position = articles.index(shown)
    act_threads = [t for t in threads.readable(act, act_page.actors) if t.path == f"article/{model.key}"]
    frame = build(act_page, "articles")
    badges = [(act.state, "act", frame.head["state_label"])]
    if frame.head["turn"]:
        badges.append((frame.head["turn"], "turn", frame.head["turn_label"]))
    return work_page(act, back="convention-articles", label=f"{act.reference}, articles", number=act_page.number) | {
        "badges": badges,
        "article": shown,
        "changed": article if act_page.version is None else None,
        "model": model,
        "model_version": act_page.text.model_version,
        "title": article_title(shown),
        "form": form,
        "html": mark_safe(wording.html(body)),
        "preview_html": mark_safe(replace(wording, proof=True).html(extra["preview"])) if "preview" in extra else "",
        "preview_paragraphs": changed_paragraphs(model.body, extra["preview"]) if "preview" in extra else [],
        "model_html": mark_safe(wording.html(model.body)),
        "paragraphs": changed_paragraphs(model.body, body) if body != model.body else [],
        "choices": _choices(content, variables) if form and "body" in form.fields else [],
        "used": _used_variables(wording, body, content, variables),
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


def _wording(content: Mapping[str, Any], variables: dict[str, Any]) -> Wording:
    """Return what formats the articles. A table of the document is replaced by its name."""
    tables = {
        name: format_html('<p class="cpo-discret">[Tableau du document : {}]</p>', variable.label)
        for name, variable in variables.items()
        if variable.type == VariableType.TABLE
    }
    return Wording(values=content["values"], variants=content["variants"], tables=tables)


def _neighbour(articles: list[dict[str, Any]], position: int) -> dict[str, str] | None:
    if not 0 <= position < len(articles):
        return None
    return {"key": articles[position]["key"], "title": article_title(articles[position])}


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value or "")


def _choices(content: Mapping[str, Any], variables: dict[str, Any]) -> list[dict[str, str]]:
    """Return every variable that the text may name, with its present value."""
    return [
        {"name": name, "label": variable.label, "value": _text(content["values"].get(name, ""))[:120]}
        for name, variable in sorted(variables.items())
    ]


def _used_variables(
    wording: Wording, body: str, content: Mapping[str, Any], variables: dict[str, Any]
) -> list[dict[str, str]]:
    """Return the variables of this article and of its variants, with their values."""
    names = dict.fromkeys(NAME.findall(wording.expanded(body)))
    return [
        {"name": name, "label": variables[name].label, "value": _text(content["values"].get(name, ""))}
        for name in names
        if name in variables and variables[name].type != VariableType.TABLE
    ]
