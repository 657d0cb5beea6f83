"""The wordings that ship with the application, when they are newer than those that a deployment has.

Loading never overwrites a text (`cpo.lib.loading`), so a deployment keeps its former wording when a new release brings
another one. The national administration is told, and takes it or sets it aside.
"""

from dataclasses import dataclass
from hashlib import sha256

from actions.models import Cycle
from conventions.cache import of_key
from conventions.models import ModelVersion, ShippedChoice
from cpo.lib.loading import path, read_yaml
from cpo.lib.mail.texts import EmailText, shipped_texts
from cpo.lib.models import EmailTemplate

from .model_content import model_of
from .model_format import ModelText, parse


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def examined(key: str) -> str:
    """The digest of the shipped wording that was last taken or set aside; "" when none was."""
    return ShippedChoice.objects.filter(key=key).values_list("sha256", flat=True).first() or ""


def examine(key: str, sha: str) -> None:
    """Keep that the shipped wording was taken or set aside. Call it in the transaction of the choice."""
    ShippedChoice.objects.update_or_create(key=key, defaults={"sha256": sha})


def model_key(cycle: Cycle) -> str:
    return f"modele:{cycle.key}"


@dataclass(frozen=True)
class NewModel:
    """The shipped model, and how it differs from the last version: « Article 4 – Montant : modifié »."""

    text: ModelText
    sha256: str
    differences: list[str]


def shipped_model(cycle: Cycle) -> ModelText | None:
    """The shipped model of a cycle; None for a cycle that the application does not bring."""
    if read_yaml("cycle.yaml")["cycle"]["cle"] != cycle.key:
        return None
    return parse(path("modele.md").read_text(encoding="utf-8"))


def new_model(cycle: Cycle) -> NewModel | None:
    """The shipped model, unless a version of the cycle has it, or it was set aside."""
    text = shipped_model(cycle)
    if text is None:
        return None
    sha = _digest_of_model(text)
    versions = list(ModelVersion.objects.filter(cycle=cycle).order_by("-published_on", "-id"))
    if not versions or sha in {_digest_of(version) for version in versions} or examined(model_key(cycle)) == sha:
        return None
    return NewModel(text, sha, _differences(model_of(versions[0]), text))


def _digest_of(version: ModelVersion) -> str:
    key = f"model:{version.pk}:{version.revision}:{bool(version.published_on)}"
    return of_key(key, lambda: _digest_of_model(model_of(version)))


def _digest_of_model(text: ModelText) -> str:
    """The same whatever the order of passages and variables, which print nothing by themselves."""
    articles = [str(_facts(row)) for row in text.articles]
    others = sorted(str(_facts(row)) for row in [*text.variants, *text.variables])
    return digest("\n".join([*articles, *others]))


def _differences(ours: ModelText, shipped: ModelText) -> list[str]:
    """The articles that are not the same, then the passages to choose; an empty list when only variables differ."""
    rows = []
    for kind in ("articles", "variants"):
        before, after = ({row.key: row for row in getattr(text, kind)} for text in (ours, shipped))
        for key in dict.fromkeys([*after, *before]):
            row = after.get(key) or before[key]
            if key not in before:
                what = "ajouté"
            elif key not in after:
                what = "retiré"
            elif _facts(before[key]) != _facts(after[key]):
                what = "modifié"
            else:
                continue
            rows.append(f"{row.title}\u00a0: {what}")
    return rows


def _facts(row: object) -> dict[str, object]:
    return {name: value for name, value in vars(row).items() if name != "line"}


# -- The texts of e-mails ---------------------------------------------------------------------------------------------


def email_key(key: str) -> str:
    return f"courriel:{key}"


def email_digest(text: EmailText) -> str:
    return digest(f"{text.subject}\n{text.immediate}\n{text.body}")


def new_emails(key: str = "") -> dict[str, EmailText]:
    """The shipped texts, all or one, that are neither those in use nor examined, by key; two queries at most."""
    shipped, templates = shipped_texts(), EmailTemplate.objects.all()
    other = {
        row.key: text
        for row in (templates.filter(key=key) if key else templates)
        if (text := shipped.get(row.key))
        and (row.subject, row.body, row.immediate) != (text.subject, text.body, text.immediate)
    }
    if not other:
        return {}
    seen = dict(ShippedChoice.objects.filter(key__startswith=email_key(key)).values_list("key", "sha256"))
    return {key: text for key, text in other.items() if seen.get(email_key(key)) != email_digest(text)}
