"""An act after a paper original quotes one of its articles: the person copies the old wording, and types the new one.

The application does not hold the articles of a convention signed on paper. An act that says nothing of an article
leaves it as the paper has it; one that changes it must say what it changes, in the words of the original.
"""

from django.core.exceptions import PermissionDenied, ValidationError

from arml.models import User
from conventions.content.held import articles_of
from conventions.enums import Quoting
from conventions.guards.later import base_version
from conventions.models import Act, ArticleText
from cpo.lib import clock
from cpo.lib.actor import Actor

from .articles import unknown_variables
from .base import act_editing

ON_PAPER = "Le texte de la convention est celui de l’original signé : il ne se modifie que par un avenant."


def place_of(act: Act, key: str) -> ArticleText:
    return act.articles.select_related("model_article", "act__convention").get(model_article__key=key)


def known_before(act: Act, key: str) -> bool:
    """Whether the signed text that the act changes already holds this article: an earlier act quoted it."""
    return bool(act.number) and any(row["key"] == key for row in articles_of(base_version(act).content))


def quoting_of(article: ArticleText) -> str:
    """What the act does with the article; "" when it does not quote it."""
    if not article.former_title:
        return ""
    if not article.included:
        return Quoting.REMOVED
    return Quoting.MODIFIED if article.former_text else Quoting.ADDED


def quote_article(
    *,
    act: Act,
    key: str,
    quoting: str,
    title: str,
    former: str,
    body: str,
    by: User | Actor,
    expected_revision: int | None,
) -> ArticleText:
    """Change, remove or add an article of a convention signed on paper. Raises ValidationError keyed by field.

    An article that an earlier act quoted keeps the title and the wording of the original.
    """
    article = place_of(act, key)
    if not act.number or not act.convention.on_paper:
        raise PermissionDenied(ON_PAPER)
    if known_before(act, key):
        title, former = article.former_title, article.former_text
    title, former, body = title.strip(), _clean(former), _clean(body)
    if errors := quoting_faults(act, quoting, title, former, body, known=known_before(act, key)):
        raise ValidationError(errors)
    with act_editing(act, by=by, expected_revision=expected_revision, element=f"l’article « {title} »") as (_, actor):
        article.former_title = title
        article.former_text = former if known_before(act, key) or quoting != Quoting.ADDED else ""
        article.included = quoting != Quoting.REMOVED
        article.body = body if article.included else ""
        _save(article, actor)
    return article


def reword_quoted(*, act: Act, key: str, body: str, by: User | Actor) -> ArticleText:
    """Give another new text to an article that the act quotes, as both sides do in an exchange."""
    article = place_of(act, key)
    return quote_article(
        act=act,
        key=key,
        quoting=quoting_of(article),
        title=article.former_title,
        former=article.former_text,
        body=body,
        by=by,
        expected_revision=None,
    )


def leave_article(*, act: Act, key: str, by: User | Actor, expected_revision: int | None) -> ArticleText:
    """Change the article no more: it stays as the original, or the last act that quoted it, has it."""
    article = place_of(act, key)
    if not article.former_title:
        raise ValidationError("Cet acte ne cite pas cet article.")
    element = f"l’article « {article.former_title} »"
    before = next((row for row in articles_of(base_version(act).content) if row["key"] == key), None)
    with act_editing(act, by=by, expected_revision=expected_revision, element=element) as (_, actor):
        if before is None:
            article.former_title = article.former_text = ""
            article.body, article.included = article.model_article.body, article.model_article.default_included
        else:
            article.body, article.included = before["body"], before["included"]
        _save(article, actor)
    return article


def _save(article: ArticleText, actor: Actor) -> None:
    article.reason, article.changed_by, article.changed_at = "", actor.user, clock.now()
    article.save()


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def quoting_faults(act: Act, quoting: str, title: str, former: str, body: str, *, known: bool) -> dict[str, str]:
    """Return, by field, why an act does not quote an article in these words."""
    errors: dict[str, str] = {}
    if quoting not in Quoting.values:
        errors["quoting"] = "Dites si l’acte modifie, supprime ou ajoute cet article."
    if not title:
        errors["title"] = "Donnez le titre de l’article, tel que l’original le porte."
    if quoting != Quoting.ADDED and not known and not former:
        errors["former"] = "Recopiez le texte de l’original : l’acte ne peut changer que ce qu’il cite."
    if quoting != Quoting.REMOVED and not body:
        errors["body"] = "Écrivez le nouveau texte de l’article."
    elif quoting != Quoting.REMOVED and (faults := unknown_variables(act, body)):
        errors["body"] = " ".join(faults)
    elif quoting == Quoting.MODIFIED and not known and body == former:
        errors["body"] = "Ce texte est celui de l’original : un acte ne cite que les articles qu’il change."
    return errors
