"""From the wording of an article to HTML: restricted Markdown and named variables, no active content.

Markdown allowed: paragraphs, numbered and bulleted lists, bold, italics, line breaks. HTML, links, images, tables and
titles are printed as they were typed. `{{ name }}` is a variable of the closed list (`conventions.text.variables`);
`{{ variante_… }}`, alone on its line, is the passage that an option chooses. Values are inserted after parsing, so a
value never becomes markup, and a variable named in a value stays as typed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from conventions.enums import VariableType
from cpo.lib.wording.typography import html_text, punctuated

from .variables import VARIABLES, Source, Variable

NAME = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")
VARIANT_PREFIX = "variante_"
_BRACES = re.compile(r"\{\{|\}\}")
_MISWRITTEN = re.compile(r"\{\{[^{}\n]*\}\}|\{\{|\}\}")  # braces that do not write a variable: saving refuses them

Value = str | Sequence[str]


@dataclass
class Wording:
    """The values of the variables of one document. `tables` holds ready HTML; `used_tables` lists those printed."""

    values: Mapping[str, Value] = field(default_factory=dict)
    variants: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)
    used_tables: set[str] = field(default_factory=set)
    proof: bool = False  # preview: an unknown name is marked; the document prints it as typed
    known: Mapping[str, Variable] = field(default_factory=lambda: VARIABLES)  # the closed list; letters have their own

    def html(self, source: str) -> str:
        """HTML of an article's wording. A variable without value prints a visible mark, never an empty space."""
        return str(_markdown().render(self.expanded(source), {"wording": self}))

    def expanded(self, source: str) -> str:
        """`source` with the chosen variants inserted; an empty variant removes its line."""
        return NAME.sub(self._variant, source)

    def _variant(self, match: re.Match[str]) -> str:
        name = match[1]
        return self.variants.get(name, "").strip() if name.startswith(VARIANT_PREFIX) else match[0]

    def inline(self, name: str) -> str:
        variable = self._variable(name)
        if variable is None:
            source = escape("{{ " + name + " }}")
            return f'<span class="manque">[variable inconnue : {source}]</span>' if self.proof else source
        items = self._items(variable)
        if not items:
            return html_text(variable.default) if variable.default or variable.optional else _gap(variable)
        return html_text(items[0] if len(items) == 1 else ", ".join(items[:-1]) + " et " + items[-1])

    def block(self, name: str) -> str:
        variable = self._variable(name)
        if variable is None or variable.inline:
            return f"<p>{self.inline(name)}</p>\n"
        if variable.kind is VariableType.TABLE:
            self.used_tables.add(name)
            return self.tables.get(name, "") + "\n"
        items = self._items(variable)
        if not items:
            return "" if variable.optional else f"<p>{self.inline(name)}</p>\n"
        if variable.kind is VariableType.LIST and variable.bullets:
            return "<ul>\n" + "".join(f"<li>{html_text(item)}</li>\n" for item in punctuated(items)) + "</ul>\n"
        # People write long texts: they may contain lists and bold, but no variables.
        return "".join(_markdown().render(item, {"wording": None}) for item in items)

    def _variable(self, name: str) -> Variable | None:
        """The variable of the closed list, or one that a published model added and that has a value in the content."""
        if name in self.known or name not in self.values:
            return self.known.get(name)
        kind = VariableType.TEXT if isinstance(self.values[name], str) else VariableType.LIST
        return Variable(name, kind, Source.CONVENTION, name)

    def _items(self, variable: Variable) -> list[str]:
        value = self.values.get(variable.name)
        items = [value] if isinstance(value, str) else [str(item) for item in value or ()]
        return [item for item in items if item.strip()]


def faults(source: str, variant_names: Iterable[str] = (), known: Mapping[str, Variable] = VARIABLES) -> list[str]:
    """The errors of a wording, as French messages for its author; empty if it may be saved."""
    variants = set(variant_names)
    messages = [
        f"La variable « {name} » n’existe pas : choisissez-en une dans la liste."
        for name in dict.fromkeys(NAME.findall(source))
        if name not in known and name not in variants and not (name.startswith(VARIANT_PREFIX) and not variants)
    ]
    if _BRACES.search(NAME.sub("", source)):
        messages.append("Une variable s’écrit {{ nom_de_la_variable }}, en minuscules, entre deux paires d’accolades.")
    inline_names = {
        name for line in source.splitlines() for name in NAME.findall(line) if NAME.sub("", line).strip(" -*")
    }
    for name in sorted(inline_names):
        variable = known.get(name)
        if name.startswith(VARIANT_PREFIX) or (
            variable and variable.kind in (VariableType.LIST, VariableType.TABLE) and not variable.inline
        ):
            messages.append(f"La variable « {name} » doit être seule sur sa ligne.")
    return messages


def missing_variables(content: Mapping[str, Any]) -> list[Variable]:
    """The variables without value that the printed articles of a version need; a guard refuses such a version."""
    values, variants = content.get("values", {}), content.get("variants", {})
    names: dict[str, None] = {}
    for article in content.get("articles", []):
        if article.get("included", True):
            for name in NAME.findall(Wording(variants=variants).expanded(article.get("body") or "")):
                names[name] = None
    wording = Wording(values=values)
    return [
        variable
        for variable in (VARIABLES[name] for name in names if name in VARIABLES)
        if variable.kind is not VariableType.TABLE
        and not (variable.optional or variable.default)
        and not wording._items(variable)
    ]


def _gap(variable: Variable) -> str:
    return f'<span class="manque">[à compléter : {html_text(variable.label)}]</span>'


@cache
def _markdown() -> MarkdownIt:
    md = MarkdownIt("zero", {"html": False, "breaks": True, "xhtmlOut": False})
    md.enable(["list", "emphasis", "newline", "escape"])
    md.inline.ruler.before("emphasis", "variable", _read_variable)
    md.core.ruler.after("inline", "variable_block", _raise_blocks)
    md.add_render_rule("text", _draw_text)
    rules = {"variable": _draw_inline, "miswritten": _draw_miswritten, "variable_block": _draw_block}
    for name, rule in rules.items():
        md.add_render_rule(name, rule)
    return md


def _read_variable(state: StateInline, silent: bool) -> bool:
    wording = state.env.get("wording")
    if wording is None:
        return False
    kind, match = "variable", NAME.match(state.src, state.pos)
    if not match and wording.proof:
        kind, match = "miswritten", _MISWRITTEN.match(state.src, state.pos)
    if not match:
        return False
    if not silent:
        token = state.push(kind, "", 0)
        token.content = match[1] if kind == "variable" else match[0]
    state.pos = match.end()
    return True


def _raise_blocks(state: StateCore) -> None:
    """A variable alone in its paragraph replaces the paragraph: it may be a list, a table or several paragraphs."""
    state.tokens = list(_with_raised_blocks(state.tokens))


def _with_raised_blocks(tokens: list[Token]) -> Iterator[Token]:
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.type == "paragraph_open":
            children = [child for child in tokens[index + 1].children or () if child.content.strip()]
            if len(children) == 1 and children[0].type == "variable" and not token.hidden:
                yield Token("variable_block", "", 0, content=children[0].content)
                index += 3
                continue
        yield token
        index += 1


def _draw_inline(_self: Any, tokens: Sequence[Token], index: int, _options: Any, env: Mapping[str, Any]) -> str:
    return str(env["wording"].inline(tokens[index].content))


def _draw_miswritten(_self: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Mapping[str, Any]) -> str:
    source = tokens[index].content
    label = "variable inconnue" if source.startswith("{{") and source.endswith("}}") else "accolades mal fermées"
    return f'<span class="manque">[{label} : {escape(source)}]</span>'


def _draw_block(_self: Any, tokens: Sequence[Token], index: int, _options: Any, env: Mapping[str, Any]) -> str:
    return str(env["wording"].block(tokens[index].content))


def _draw_text(_self: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Mapping[str, Any]) -> str:
    return html_text(tokens[index].content)
