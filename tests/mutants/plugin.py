"""Break one rule in a run of pytest (`-p tests.mutants.plugin`): the module is imported with one text replaced.

No file changes on the disk. MUTANT holds the file, the function, the text and its replacement, as JSON.
"""

import ast
import importlib.abc
import importlib.machinery
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType

ROOT = Path(__file__).resolve().parents[2]


def mutate(source: str, function: str, old: str, new: str) -> str:
    """Return the source with `old` replaced in that function or class (in the whole file for « module »).

    Raise ValueError unless the text is there exactly once: a mutant that changes nothing proves nothing.
    """
    spans = [(0, len(source))] if function == "module" else list(_spans(source, function))
    matches = [(start, end) for start, end in spans if source[start:end].count(old) == 1]
    if len(matches) != 1:
        raise ValueError(f"« {old} » stands {len(matches)} times in {function}")
    start, end = matches[0]
    return source[:start] + source[start:end].replace(old, new) + source[end:]


def _spans(source: str, name: str) -> list[tuple[int, int]]:
    lines = source.splitlines(keepends=True)
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line))
    return [
        (offsets[min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1], offsets[node.end_lineno or 0])
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name
    ]


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, mutant: dict[str, str]) -> None:
        super().__init__(name, path)
        self.mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        """Compile the source again, so that no compiled copy of the file is read or written."""
        source = Path(self.path).read_text(encoding="utf-8")
        text = mutate(source, self.mutant["function"], self.mutant["old"], self.mutant["new"])
        return compile(text, self.path, "exec")


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, mutant: dict[str, str]) -> None:
        self.mutant = mutant
        self.name = mutant["file"].removesuffix(".py").replace("/", ".").removesuffix(".__init__")

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec is None or spec.origin is None:
            raise ImportError(self.name)
        spec.loader = _Loader(fullname, spec.origin, self.mutant)
        return spec


if os.environ.get("MUTANT"):
    sys.meta_path.insert(0, _Finder(json.loads(os.environ["MUTANT"])))
