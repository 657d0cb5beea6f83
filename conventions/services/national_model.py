"""The national model: a new version is copied from the last one, edited, then published; a published one never changes.

Each act points at the version it was drafted from, so a new version changes no existing convention. The row of the
cycle is locked first, so that two people cannot open two drafts.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from actions.models import Cycle
from arml.models import User
from arml.permissions import acting_nationally
from conventions.models import ModelArticle, ModelVariant, ModelVersion
from conventions.text.model_content import fill, text_of
from conventions.text.model_format import ModelText, write
from conventions.text.shipped import examine, model_key, new_model
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.clock import PARIS
from cpo.lib.editing import rows
from cpo.lib.editing.lock import Unchanged, edit
from cpo.lib.enums import Audience
from cpo.lib.workflow import Refused

NBSP = "\u00a0"
PARTS = ("articles", "variants", "variables")


def _lock(version: ModelVersion) -> ModelVersion:
    """Lock the cycle, then read the version again. Raises Refused when it is published."""
    Cycle.objects.select_for_update().get(pk=version.cycle_id)
    fresh = ModelVersion.objects.select_related("cycle").get(pk=version.pk)
    if fresh.published_on:
        raise Refused("Cette version est publiée : elle ne change plus. Créez une nouvelle version.")
    return fresh


def _record(version: ModelVersion, actor: Actor, verb: str, sentence: str) -> None:
    journal.record(version, root=version.cycle, by=actor, verb=verb, sentence=sentence, audience=Audience.NATIONAL)


@transaction.atomic
def new_version(*, cycle: Cycle, number: str, note: str, by: User | Actor) -> ModelVersion:
    """Copy the whole last version into a draft. A cycle has one draft at most: otherwise Refused."""
    actor = acting_nationally(by)
    Cycle.objects.select_for_update().get(pk=cycle.pk)
    draft = ModelVersion.objects.filter(cycle=cycle, published_on=None).first()
    if draft:
        raise Refused(f"La version {draft.number} est déjà en préparation : publiez-la ou abandonnez-la d’abord.")
    if ModelVersion.objects.filter(cycle=cycle, number=number).exists():
        raise Refused(f"La version {number} existe déjà : choisissez un autre numéro.")
    source = ModelVersion.objects.filter(cycle=cycle).order_by("-published_on", "-id").first()
    version = ModelVersion.objects.create(cycle=cycle, number=number, note=note)
    if source:
        for part in PARTS:
            copies = list(getattr(source, part).all())
            for copy in copies:
                copy.pk, copy._state.adding, copy.version = None, True, version
            type(copies[0]).objects.bulk_create(copies) if copies else None
    origin = f", copiée de la version {source.number}" if source else ""
    _record(version, actor, "model_drafted", f"Modèle{NBSP}: version {number} en préparation{origin}")
    return version


@transaction.atomic
def take_shipped(*, cycle: Cycle, number: str, note: str, by: User | Actor) -> ModelVersion:
    """Open a draft with the wording that ships with the application; nothing published changes. Raises Refused."""
    actor, shipped = acting_nationally(by), new_model(cycle)
    if shipped is None:
        raise Refused("Aucune nouvelle rédaction n’est livrée avec l’application.")
    version = new_version(cycle=cycle, number=number, note=note, by=actor)
    replace_content(version=version, text=shipped.text, expected_revision=version.revision, by=actor)
    examine(model_key(cycle), shipped.sha256)
    return version


@transaction.atomic
def set_shipped_aside(*, cycle: Cycle, by: User | Actor) -> None:
    """Keep the present wording of the model: nobody is told of this shipped one again."""
    actor, shipped = acting_nationally(by), new_model(cycle)
    if shipped is None:
        return
    examine(model_key(cycle), shipped.sha256)
    sentence = f"Modèle{NBSP}: la rédaction livrée avec l’application est laissée de côté"
    journal.record(
        cycle, root=cycle, by=actor, verb="model_wording_kept", sentence=sentence, audience=Audience.NATIONAL
    )


@transaction.atomic
def update_article(
    *,
    article: ModelArticle,
    changes: Mapping[str, Any],
    variants: Mapping[int, str],
    expected_revision: int,
    by: User | Actor,
) -> bool:
    """Write an article of a draft and the variants of its passages; return whether anything changed.

    Raises StaleRevision when the version changed since the form was opened.
    """
    actor = acting_nationally(by)
    version = _lock(article.version)
    with edit(version, expected_revision=expected_revision, by=actor, element="modèle"):
        changed = _write_article(article, version, changes, variants, actor)
        if not changed:
            raise Unchanged
    return changed


def _write_article(
    article: ModelArticle,
    version: ModelVersion,
    changes: Mapping[str, Any],
    variants: Mapping[int, str],
    actor: Actor,
) -> bool:
    changed = bool(rows.set_changed(article, changes))
    for variant in ModelVariant.objects.filter(version=version, pk__in=variants):
        changed |= bool(rows.set_changed(variant, {"body": variants[variant.pk]}))
    if changed:
        _record(
            version, actor, "model_article_changed", f"Modèle {version.number}{NBSP}: article «{NBSP}{article}{NBSP}»"
        )
    return changed


@transaction.atomic
def replace_content(*, version: ModelVersion, text: ModelText, expected_revision: int, by: User | Actor) -> None:
    """Replace the whole content of a draft by a parsed text. Raises StaleRevision."""
    actor = acting_nationally(by)
    version = _lock(version)
    with edit(version, expected_revision=expected_revision, by=actor, element="modèle"):
        if text_of(version) == write(text):  # compared as the page shows them
            raise Unchanged
        for part in PARTS:
            getattr(version, part).all().delete()
        fill(version, text)
        _record(version, actor, "model_replaced", f"Modèle {version.number}{NBSP}: texte remplacé en entier")


@transaction.atomic
def publish(*, version: ModelVersion, by: User | Actor) -> ModelVersion:
    """Publish a draft. New conventions use it from now on; existing ones keep their version."""
    actor = acting_nationally(by)
    version = _lock(version)
    version.published_on = clock.today(PARIS)
    version.save(update_fields=["published_on"])
    _record(version, actor, "model_published", f"Modèle{NBSP}: version {version.number} publiée")
    return version


@transaction.atomic
def discard(*, version: ModelVersion, by: User | Actor) -> None:
    """Delete a draft: no act points at it yet."""
    actor = acting_nationally(by)
    version = _lock(version)
    _record(version, actor, "model_discarded", f"Modèle{NBSP}: version {version.number} abandonnée avant publication")
    version.delete()
