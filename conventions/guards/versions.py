"""The latest version must equal the live content and print no missing value."""

from collections.abc import Iterator

from conventions.agreement import latest_version
from conventions.content.freeze import build_content
from conventions.guards.addresses import url, value_url
from conventions.models import Act
from conventions.reads import reads
from cpo.lib.workflow import Missing

from .later import missing_values


def version_is_live(act: Act) -> Iterator[Missing]:
    """The latest version equals the live content: only such a version can be accepted, endorsed or signed."""
    version = latest_version(act)
    if version is None:
        yield Missing("Aucune version n’a encore été proposée.", url(act, "convention-versions"))
    elif version.revision != act.programme.revision and version.content_sha256 != reads(act).content_hash:
        yield Missing(
            f"Le contenu a changé depuis la version {version.number} : proposez une nouvelle version.",
            url(act, "convention-transition", name="propose"),
        )


def version_prints_complete(act: Act) -> Iterator[Missing]:
    """Each value that the articles of the latest version print is filled in. Only the version is read."""
    version = act.versions.proposed().order_by("-number").first()
    if version is None:
        return
    missing = missing_values(act, version.content)
    for variable in missing:
        yield Missing(f"Absent de la version {version.number} : {variable.label}", value_url(act, variable.name))
    if missing:
        text = f"La version {version.number} est figée : une fois ces informations données, proposez la suivante."
        yield Missing(text, url(act, "convention-transition", name="propose"), "warning")


def live_prints_complete(act: Act) -> Iterator[Missing]:
    """Warnings on the values that a version proposed now would lack. Not a guard, because it builds the content."""
    for variable in missing_values(act, build_content(act)):
        text = f"Information à imprimer : {variable.label}"
        yield Missing(text, value_url(act, variable.name), "warning")
