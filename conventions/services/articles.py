"""The articles of an act: free ones are reworded, optional ones are included or not; each departure has a reason."""

import re

from django.core.exceptions import PermissionDenied, ValidationError

from arml.models import User
from conventions.enums import ArticleStatus
from conventions.models import Act, ArticleText, ModelVariable, ModelVariant
from conventions.text.variables import OF_YEARS
from cpo.lib import clock
from cpo.lib.actor import Actor

from .base import act_editing

VARIABLE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
BRACES = re.compile(r"\{\{|\}\}")
NEAR = 40  # characters shown on each side of a variable that does not exist


def set_article(
    *,
    act: Act,
    key: str,
    body: str,
    by: User | Actor,
    expected_revision: int | None,
    included: bool = True,
    reason: str = "",
) -> ArticleText:
    """Write an article of the act. Locked: refused. Optional: included or not. Free: also reworded.

    Raises ValidationError keyed by field (`body`, `reason`), PermissionDenied for a locked article.
    """
    article = act.articles.select_related("model_article").get(model_article__key=key)
    model = article.model_article
    if act.convention.on_paper:
        raise PermissionDenied("L’application n’a pas le texte de l’original : un acte cite l’article qu’il change.")
    body = body.replace("\r\n", "\n").strip()
    rewords = body != model.body.strip()
    if model.status == ArticleStatus.LOCKED:
        raise PermissionDenied("Cet article est verrouillé : son texte est celui du modèle national.")
    errors = {}
    if model.status == ArticleStatus.OPTIONAL and rewords:
        errors["body"] = "Cet article est optionnel : il se garde ou se retire, son texte reste celui du modèle."
    elif not body and included:
        errors["body"] = "Écrivez le texte de l’article, ou revenez au texte du modèle."
    elif faults := unknown_variables(act, body):
        errors["body"] = " ".join(faults)
    if model.status == ArticleStatus.FREE and not included:
        errors["included"] = "Cet article ne se retire pas."
    if (rewords or included != model.default_included) and not reason.strip():
        errors["reason"] = "Dites pourquoi cet article s’écarte du modèle national."
    if errors:
        raise ValidationError(errors)
    with act_editing(act, by=by, expected_revision=expected_revision, element=f"l’article « {model.title} »") as (
        _,
        actor,
    ):
        article.body, article.included = body if rewords else model.body, included
        article.reason = reason.strip() if article.departs else ""
        article.changed_by, article.changed_at = actor.user, clock.now()
        article.save()
    return article


def unknown_variables(act: Act, body: str) -> list[str]:
    """Return one French sentence for each name between braces that does not exist in the act's model."""
    existing = set(ModelVariable.objects.filter(version=act.model_version_id).values_list("name", flat=True))
    existing |= set(ModelVariant.objects.filter(version=act.model_version_id).values_list("group", flat=True))
    existing |= set(OF_YEARS)
    first = {match[1]: match for match in reversed(list(VARIABLE.finditer(body)))}
    faults = [
        f"La variable « {name} » n’existe pas : choisissez-en une dans la liste."
        f" Elle est dans « {_around(body, match)} »."
        for name, match in sorted(first.items(), key=lambda item: item[1].start())
        if name not in existing
    ]
    if BRACES.search(VARIABLE.sub("", body)):
        faults.append("Une variable s’écrit entre deux paires d’accolades fermées : {{ nom_de_la_variable }}.")
    return faults


def _around(body: str, match: re.Match[str]) -> str:
    """Return the words before and after the match on its line, so that the author finds it in the text."""
    before = body[: match.start()].rpartition("\n")[2]
    after = body[match.end() :].partition("\n")[0]
    head = before if len(before) <= NEAR else "…" + before[-NEAR:].partition(" ")[2]
    tail = after if len(after) <= NEAR else after[:NEAR].rpartition(" ")[0] + "…"
    return f"{head}{match[0]}{tail}".strip()
