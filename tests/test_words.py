"""One word for one thing (docs/glossaire.md), in the sentences of templates, enumerations and Python."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("actions", "arml", "conventions", "cpo", "reporting")
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
COMMENT = re.compile(r"{% comment %}.*?{% endcomment %}|{#.*?#}|<!--.*?-->", re.DOTALL)
QUOTED = re.compile(r'"([^"]*)"')
COUNTED = re.compile(r'\bunits?="([^"]*)"')
READ = re.compile(r'\b(?:title|aria-label|placeholder|alt)="([^"]*)"')
# What nobody writes, what is written instead, and what the word means elsewhere.
WORDS = (
    (r"\brapports?\b", "compte rendu", r"[Pp]ar rapport|commissaire aux comptes"),
    (r"^Attendues?$", "À fournir", r""),
    (r"malgré (un|l’)écart|^Écart&nbsp;:|^Écart :", "différence constatée, or « écart au modèle »", r""),
    (r"^État, ?\d*$", "Contribution: « État » alone, in a heading, is that of a thing", r""),
    (r"origina(l|ux) papier|convention papier", "original signé sur papier; « reprise », for what is taken over", r""),
    # The pages that say how a text is written show these marks; no other does.
    (r"{{|\*\*\w|\w\*\*", "the value, the text in bold", r"s’écrit|Gardez {{ lien }}|^Paragraphes, listes"),
)


def is_sentence(text: str) -> bool:
    """Not a name, an address or a key: it has a space, or begins with a capital."""
    return bool(re.search(r"[A-Za-zÀ-ÿ]", text)) and (" " in text.strip() or text[:1].isupper())


def of_template(text: str) -> Iterator[str]:
    text = COMMENT.sub(" ", text)
    yield from READ.findall(TAG.sub("", text))
    for tag in TAG.findall(text):
        yield from COUNTED.findall(tag)
        yield from filter(is_sentence, QUOTED.findall(tag))
    bare = re.sub(r"<(script|style|svg)\b.*?</\1>", "\n", TAG.sub(" ", text), flags=re.DOTALL)
    for line in re.sub(r"<[^>]*>", "\n", bare).split("\n"):
        if line.strip():
            yield line.strip()


def of_python(text: str) -> Iterator[str]:
    """The strings of a module but its docstrings; an f-string in its parts."""
    tree = ast.parse(text)
    told = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body
        and isinstance(node.body[0], ast.Expr)
    }  # fmt: skip
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in told:
            continue
        if is_sentence(node.value) and not node.value.lstrip().startswith(("SELECT", "UPDATE", "ALTER", "IF ")):
            yield node.value


def sentences() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        yield from ((str(path.relative_to(ROOT)), one) for one in of_template(path.read_text()))
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from ((str(path.relative_to(ROOT)), one) for one in of_python(path.read_text()))


def test_the_sentences_are_found():
    assert ("templates/reporting/dashboard.html", "Tableau de bord") in set(sentences())
    assert ("conventions/enums.py", "En négociation") in set(sentences())
    assert list(of_template('{% table caption="Un titre" %}<p>Du texte</p>')) == ["Un titre", "Du texte"]
    assert list(of_python('"""Doc."""\nx = "Une phrase"\ny = "cle"\n')) == ["Une phrase"]


@pytest.mark.parametrize(("wrong", "right", "elsewhere"), WORDS, ids=[right for _, right, _ in WORDS])
def test_one_thing_has_one_word(wrong, right, elsewhere):
    pattern, allowed = re.compile(wrong, re.IGNORECASE), re.compile(elsewhere) if elsewhere else None
    found = [
        f"{where}: {text[:100]}"
        for where, text in sentences()
        if pattern.search(text) and not (allowed and allowed.search(text))
    ]
    assert not found, f"write « {right} »:\n" + "\n".join(found)


BREAKABLE = re.compile(r"\w[)’»…]* (?=[:;?!»](?![:=/-]))|« (?=\S)")
PROGRAM = re.compile(r"<script.*?</script>|<style.*?</style>", re.DOTALL)


def test_no_line_of_a_page_begins_with_its_punctuation():
    """A no-break space stands before « : ; ? ! » and inside the quotation marks (Imprimerie nationale, « Lexique »)."""
    wrong = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        for pattern in (COMMENT, TAG, PROGRAM):
            text = pattern.sub(lambda match: "\n" * match[0].count("\n") or "0", text)
        wrong += [
            f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, found.start()) + 1}"
            for found in BREAKABLE.finditer(text)
        ]
    assert not wrong, wrong
