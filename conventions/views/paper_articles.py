"""The articles of a convention signed on paper: those that its acts quote, and the page where an act quotes one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.safestring import mark_safe

from conventions.content.comparison.contents import article_title
from conventions.forms.articles import QuoteForm
from conventions.models import Act, ArticleText
from conventions.pages.act_page import ActPage
from conventions.services.quoting import ON_PAPER, known_before, leave_article, quote_article, quoting_of
from conventions.text.wording import Wording
from cpo.lib.editing import conflicts

from .drafting import add_errors
from .framing import editing_rights, last_writer, page, read_again

FRAME = ("titre", "parties", "visas", "signatures")  # an act writes its own


def articles_page(request: HttpRequest, act_page: ActPage) -> HttpResponse:
    rights = _rights(request, act_page.act)
    rows = act_page.part("articles")
    quoted = {row["key"] for row in rows}
    places = act_page.act.articles.select_related("model_article") if rights["may_edit"] else []
    context = {
        "text": act_page.text,
        "lines": [(row, article_title(row)) for row in rows],
        "places": [
            (place.model_article.key, article_title(vars(place.model_article)))
            for place in places
            if place.model_article.key not in quoted and place.model_article.key not in FRAME
        ],
    }
    return page(request, "text/articles_paper", act_page.act, "articles", context | rights)


def article_page(request: HttpRequest, act_page: ActPage, key: str) -> HttpResponse:
    """Show an article that an act quotes, or the form in which the act quotes it."""
    act, rights = act_page.act, _rights(request, act_page.act)
    shown = next((row for row in act_page.part("articles") if row["key"] == key), None)
    if request.method == "POST" and not rights["may_edit"]:
        raise PermissionDenied(rights["why_not"])
    if shown is None and not rights["may_edit"]:
        return redirect("convention-articles", act_page.number)
    article = get_object_or_404(
        act_page.text.articles.select_related("model_article", "act__convention"), model_article__key=key
    )
    known = rights["may_edit"] and known_before(act, key)
    form, status = _form(act, article, known=known) if rights["may_edit"] else None, 200
    if request.method == "POST":
        outcome = _save(request, act, article, known=known)
        if outcome.saved:
            left = "laisser" in request.POST
            messages.success(request, "L’acte ne change plus cet article." if left else "L’article est enregistré.")
            return redirect("convention-articles", act_page.number)
        form, status = outcome.form, outcome.status
        if outcome.error:
            add_errors(outcome.form, outcome.error)
    return page(
        request, "text/article_paper", act, "articles", rights | _context(act_page, article, shown, form), status
    )


def _rights(request: HttpRequest, act: Act) -> dict[str, Any]:
    """Return who may quote: nobody in the convention itself, whose articles are those of the paper."""
    rights = editing_rights(request.user, act)  # type: ignore[arg-type]
    return rights if act.number else rights | {"actor": None, "may_edit": False, "why_not": ON_PAPER}


def _form(act: Act, article: ArticleText, data: QueryDict | None = None, *, known: bool) -> QuoteForm:
    return QuoteForm(data, act=act, article=article, quoting=quoting_of(article), known=known)


def _save(request: HttpRequest, act: Act, article: ArticleText, *, known: bool) -> conflicts.Outcome:
    key = article.model_article.key
    if "laisser" in request.POST:
        data = request.POST.copy()
        data.update({"quoting": "modifie", "title": article.former_title, "former": article.former_text})
        request.POST = data  # type: ignore[assignment]

    def make(data: QueryDict | None) -> QuoteForm:
        fresh = act.articles.select_related("model_article", "act__convention").get(pk=article.pk)
        return _form(read_again(act), fresh, data, known=known)

    def write(form: QuoteForm, revision: int) -> None:
        common: dict[str, Any] = {"act": act, "key": key, "by": request.user, "expected_revision": revision}
        if "laisser" in request.POST:
            leave_article(**common)
            return
        fields = {name: form.cleaned_data.get(name, "") for name in ("quoting", "title", "former", "body")}
        quote_article(**common, **fields)

    element = f"l’article « {article.former_title} »"
    return conflicts.save(request, make=make, write=write, author=lambda: last_writer(act, element))


def _context(
    act_page: ActPage, article: ArticleText, shown: dict[str, Any] | None, form: QuoteForm | None
) -> dict[str, Any]:
    content = act_page.content
    wording = Wording(values=content["values"], variants=content["variants"])
    title = article_title(shown or vars(article.model_article))
    return {
        "form": form,
        "article": shown,
        "quoted": bool(article.former_title),
        "title": title,
        "page_title": title,
        "html": mark_safe(wording.html(shown["body"])) if shown and shown["included"] else "",
        "former": shown["former"]["text"] if shown else "",
    }
