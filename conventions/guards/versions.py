"""The latest version must equal the live content and print no missing value."""

from collections.abc import Iterator

from arml.models.organisations import is_bank_account
from conventions.agreement import latest_version
from conventions.cache import of_key
from conventions.content.freeze import build_content
from conventions.content.undrawn import Undrawn, undrawn_characters
from conventions.guards.addresses import url, value_url
from conventions.models import Act
from conventions.reads import reads
from conventions.text.markers import Mark, marks
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
    """Each value that the articles of the latest version print is filled in. Only the version is read, and only once.

    What it lacks follows from its content and from that of the signed text that the act changes: neither ever changes.
    """
    version = latest_version(act)
    if version is None:
        return
    missing = of_key(
        f"content:{version.content_sha256}:missing:{act.pk}:{act.base_id}",
        lambda: [(variable.name, variable.label) for variable in missing_values(act, version.content)],
    )
    for name, label in missing:
        yield Missing(f"Absent de la version {version.number} : {label}", value_url(act, name))
    if missing:
        text = f"La version {version.number} est figée : une fois ces informations données, proposez la suivante."
        yield Missing(text, url(act, "convention-transition", name="propose"), "warning")


def version_is_settled(act: Act) -> Iterator[Missing]:
    """The latest version prints no value that nobody has settled, and an account that exists."""
    version = latest_version(act)
    if version is None:
        return
    to_settle, undrawn, iban = of_key(
        f"content:{version.content_sha256}:settled",
        lambda: (
            list(marks(version.content)),
            list(undrawn_characters(version.content)),
            version.content["values"].get("iban", ""),
        ),
    )
    for mark in to_settle:
        text = f"Marque à lever dans la version {version.number} : {mark.label}"
        yield Missing(text, _mark_url(act, mark))
    for one in undrawn:
        yield Missing(_not_printed(one), _undrawn_url(act, one), "warning")
    if iban and not is_bank_account(iban):
        text = f"L’IBAN de la version {version.number} n’est pas celui d’un compte : recopiez-le du relevé d’identité"
        yield Missing(text, value_url(act, "iban"))


def live_prints_as_typed(act: Act) -> Iterator[Missing]:
    """Warnings on the characters that the document would print as « ? ». Not a guard, because it builds the content."""
    for one in undrawn_characters(build_content(act)):
        yield Missing(_not_printed(one), _undrawn_url(act, one), "warning")


def _not_printed(one: Undrawn) -> str:
    several = len(one.characters) > 1
    shown = ", ".join(f"« {character} »" for character in one.characters)
    verb = "ne s’impriment pas (« ? » à leur place)" if several else "ne s’imprime pas (« ? » à sa place)"
    return f"À vérifier : {shown} {verb} dans {one.label}"


def _undrawn_url(act: Act, one: Undrawn) -> str:
    pages = {
        "article": lambda: url(act, "convention-article", "id_body", key=one.key),
        "sheet": lambda: url(act, "sheet-detail", key=one.key),
        "value": lambda: value_url(act, one.key),
        "party": lambda: url(act, "convention-parties"),
        "money": lambda: url(act, "convention-contribution"),
        "act": lambda: url(act, "act-terms"),
    }
    return pages[one.kind]()


def _mark_url(act: Act, mark: Mark) -> str:
    if mark.kind == "article":
        return url(act, "convention-article", "id_body", key=mark.key)
    if mark.kind == "sheet":
        return url(act, "sheet-detail", key=mark.key)
    return value_url(act, mark.key)


def live_prints_complete(act: Act) -> Iterator[Missing]:
    """Warnings on the values that a version proposed now would lack. Not a guard, because it builds the content."""
    for variable in missing_values(act, build_content(act)):
        text = f"Information à imprimer : {variable.label}"
        yield Missing(text, value_url(act, variable.name), "warning")
