"""Read the text form of a model convention: blocks `::: type attribute=value …` closed by `:::`, then two tables.

The parser is strict so that no passage of a pasted text is lost silently. Each error names its line.
The top of `fixtures/reference/modele.md` describes the form.
"""

import re
from dataclasses import dataclass, field

from conventions.enums import ArticleStatus, VariableType

from .variables import OF_YEARS

OPENING = re.compile(r"^::: +(\w+)(.*)$")
ATTRIBUTE = re.compile(r'\s+(\w+)=("[^"]*"|[^\s"]+)')
VARIABLE = re.compile(r"\{\{ *(\w+) *\}\}")
BLOCKS = {
    "article": {"numero", "cle", "titre", "statut", "defaut"},
    "variante": {"groupe", "cle", "titre", "option", "valeur", "defaut", "statut"},
    "note": {"de"},
}
OPTIONAL_ATTRIBUTES = {"defaut", "statut"}
SOURCES = ("convention", "service", "arml", "cycle", "programme")
VARIANT_PREFIX = "variante_"


class ModelFormatError(ValueError):
    """An error in a model text: a French message with its line number."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"Ligne {line} : {message}")
        self.line = line
        self.message = message


@dataclass
class Block:
    line: int
    kind: str
    attributes: dict[str, str]
    body: str


@dataclass
class Article:
    line: int
    key: str
    number: str
    title: str
    status: str
    default_included: bool
    body: str
    drafting_note: str = ""


@dataclass
class Variant:
    line: int
    group: str
    key: str
    title: str
    option: str
    value: str
    default: bool
    body: str


@dataclass
class Variable:
    line: int
    name: str
    label: str
    type: str
    example: str
    source: str


@dataclass
class ModelText:
    articles: list[Article] = field(default_factory=list)
    variants: list[Variant] = field(default_factory=list)
    variables: list[Variable] = field(default_factory=list)


def parse(text: str) -> ModelText:
    """Parse and check a whole model. Raises ModelFormatError."""
    model = ModelText()
    blocks = _blocks(text)
    notes = {}
    for block in blocks:
        if block.kind == "article":
            model.articles.append(_article(block))
        elif block.kind == "variante":
            model.variants.append(_variant(block))
        else:
            notes[block.attributes["de"]] = block
    articles = {article.key: article for article in model.articles}
    for key, note in notes.items():
        if key not in articles:
            raise ModelFormatError(note.line, f"la note vise « {key} », qui n’est la clé d’aucun article.")
        articles[key].drafting_note = note.body
    model.variables = _variables(text)
    _check(model)
    return model


def _blocks(text: str) -> list[Block]:
    blocks: list[Block] = []
    current: Block | None = None
    lines: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.rstrip() == ":::":
            if current is None:
                raise ModelFormatError(number, "« ::: » ferme un bloc qui n’a pas été ouvert.")
            current.body = "\n".join(lines).strip()
            blocks.append(current)
            current, lines = None, []
        elif line.startswith(":::"):
            if current is not None:
                raise ModelFormatError(number, f"le bloc ouvert à la ligne {current.line} n’est pas fermé.")
            current = _opening(number, line)
        elif current is not None:
            lines.append(line)
    if current is not None:
        raise ModelFormatError(current.line, "ce bloc n’est pas fermé par une ligne « ::: ».")
    return blocks


def _opening(number: int, line: str) -> Block:
    match = OPENING.match(line)
    if not match or match[1] not in BLOCKS:
        raise ModelFormatError(number, f"type de bloc inconnu ; les types sont {', '.join(BLOCKS)}.")
    kind, rest = match[1], match[2]
    attributes = {name: value.strip('"') for name, value in ATTRIBUTE.findall(rest)}
    if ATTRIBUTE.sub("", rest).strip():
        raise ModelFormatError(number, "attributs illisibles ; écrire nom=valeur, entre guillemets droits si besoin.")
    unknown = attributes.keys() - BLOCKS[kind]
    missing = BLOCKS[kind] - OPTIONAL_ATTRIBUTES - attributes.keys()
    if unknown:
        raise ModelFormatError(number, f"attribut inconnu : {', '.join(sorted(unknown))}.")
    if missing:
        raise ModelFormatError(number, f"attribut manquant : {', '.join(sorted(missing))}.")
    return Block(number, kind, attributes, "")


def _article(block: Block) -> Article:
    values = block.attributes
    status = values.get("statut", "")
    if status not in ArticleStatus.values:
        raise ModelFormatError(
            block.line, f"statut inconnu : « {status} » ; attendu : {', '.join(ArticleStatus.values)}."
        )
    default = values.get("defaut", "actif")
    if default not in ("actif", "inactif") or ("defaut" in values) != (status == ArticleStatus.OPTIONAL):
        raise ModelFormatError(block.line, "« defaut » vaut actif ou inactif, pour un article optional seulement.")
    if not block.body:
        raise ModelFormatError(block.line, "cet article est vide.")
    if "|" in block.body:
        raise ModelFormatError(
            block.line, "un article ne contient pas de tableau ; employer une variable de type table."
        )
    return Article(
        line=block.line,
        key=values["cle"],
        number=values["numero"],
        title=values["titre"],
        status=status,
        default_included=default == "actif",
        body=block.body,
    )


def _variant(block: Block) -> Variant:
    values = block.attributes
    if not values["groupe"].startswith(VARIANT_PREFIX):
        raise ModelFormatError(block.line, f"un groupe de variantes commence par « {VARIANT_PREFIX} ».")
    if values.get("defaut") not in ("oui", "non"):
        raise ModelFormatError(block.line, "« defaut » vaut oui ou non.")
    return Variant(
        line=block.line,
        group=values["groupe"],
        key=values["cle"],
        title=values["titre"],
        option=values["option"],
        value=values["valeur"],
        default=values["defaut"] == "oui",
        body=block.body,
    )


def _variables(text: str) -> list[Variable]:
    """Read the table that follows the heading « ## Variables »."""
    variables: list[Variable] = []
    inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("## "):
            inside = line.strip() == "## Variables"
        if not inside or not line.startswith("|") or line.startswith(("|---", "| nom ")):
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != 5:
            raise ModelFormatError(number, "une variable a cinq colonnes : nom, sens, type, exemple, source.")
        name, label, kind, example, source = cells
        source = source.lower()
        if kind not in VariableType.values:
            raise ModelFormatError(number, f"type inconnu : « {kind} » ; attendu : {', '.join(VariableType.values)}.")
        if source not in SOURCES:
            raise ModelFormatError(number, f"source inconnue : « {source} » ; attendu : {', '.join(SOURCES)}.")
        variables.append(Variable(number, name, label, kind, example, source))
    return variables


def _check(model: ModelText) -> None:
    """Check that keys are unique, that variables are known and used, and that a group has one default variant."""
    for noun, items in (
        ("clé d’article", [(article.key, article.line) for article in model.articles]),
        ("clé de variante", [(variant.key, variant.line) for variant in model.variants]),
        ("variable", [(variable.name, variable.line) for variable in model.variables]),
    ):
        keys: set[str] = set()
        for key, line in items:
            if key in keys:
                raise ModelFormatError(line, f"{noun} en double : « {key} ».")
            keys.add(key)
    groups: dict[str, list[Variant]] = {}
    for variant in model.variants:
        groups.setdefault(variant.group, []).append(variant)
    for group, variants in groups.items():
        if sum(variant.default for variant in variants) != 1:
            raise ModelFormatError(variants[0].line, f"le groupe {group} a une variante par défaut et une seule.")
        if len({variant.option for variant in variants}) != 1:
            raise ModelFormatError(variants[0].line, f"le groupe {group} dépend d’une seule option.")
    known_names = {variable.name for variable in model.variables} | groups.keys() | OF_YEARS.keys()
    used_names: set[str] = set()
    passages: list[Article | Variant] = [*model.articles, *model.variants]
    for passage in passages:
        names = set(VARIABLE.findall(passage.body))
        for name in sorted(names - known_names):
            raise ModelFormatError(passage.line, f"variable inconnue : « {name} ».")
        used_names |= names
    for group in sorted(groups.keys() - used_names):
        raise ModelFormatError(groups[group][0].line, f"le groupe {group} n’est inséré dans aucun article.")
    for variable in model.variables:
        if variable.name not in used_names:
            raise ModelFormatError(variable.line, f"la variable « {variable.name} » ne sert nulle part.")


def write(model: ModelText) -> str:
    """The text that `parse` reads back."""
    blocks = []
    for article in model.articles:
        default = "" if article.status != ArticleStatus.OPTIONAL else f" defaut={_switch(article.default_included)}"
        head = f'article numero="{article.number}" cle={article.key} titre="{article.title}" statut={article.status}'
        blocks.append(f"::: {head}{default}\n{article.body}\n:::")
        if article.drafting_note:
            blocks.append(f"::: note de={article.key}\n{article.drafting_note}\n:::")
    for variant in model.variants:
        head = f'variante groupe={variant.group} cle={variant.key} titre="{variant.title}" option={variant.option}'
        default = "oui" if variant.default else "non"
        body = f"{variant.body}\n" if variant.body else ""
        blocks.append(f"::: {head} valeur={variant.value} defaut={default}\n{body}:::")
    table = ["## Variables", "", "| nom | sens | type | exemple | source |", "|---|---|---|---|---|"]
    table += [f"| {v.name} | {v.label} | {v.type} | {v.example} | {v.source} |" for v in model.variables]
    return "\n\n".join([*blocks, "\n".join(table)]) + "\n"


def _switch(included: bool) -> str:
    return "actif" if included else "inactif"
