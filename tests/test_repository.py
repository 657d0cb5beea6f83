"""The repository names no machine, no package index, no tool of its authors and no real person."""

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEXT = {
    *(".py", ".html", ".txt", ".md", ".css", ".js", ".json", ".toml", ".yml", ".yaml", ".in", ".svg", ".csv", ".sh"),
    "",
}
THIS = "tests/test_repository.py"


def repository_files() -> list[str]:
    """The committed files and the new ones. In an archive without git, all files that .gitignore does not exclude."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        command = [git, "ls-files", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    else:
        left_out = {".venv", ".run", "media", "staticfiles", "__pycache__"}
        paths = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
        names = [str(path) for path in paths if not left_out & set(path.parts) and not path.name.startswith(".")]
    return sorted(name for name in set(names) if (ROOT / name).is_file())


FILES = repository_files()
TEXTS = {
    name: (ROOT / name).read_text(encoding="utf-8")
    for name in FILES
    if Path(name).suffix in TEXT and name != THIS and not (ROOT / name).is_symlink()
}
PYTHON = [name for name in TEXTS if name.endswith(".py") and "/migrations/" not in name]
TEMPLATES = [name for name in TEXTS if name.endswith(".html")]
PAGES = [name for name in TEMPLATES if "/pdf/" not in name]  # the HTML of a PDF never reaches a browser


def matches(pattern: str, names: list[str], flags: int = 0) -> list[str]:
    expression = re.compile(pattern, flags)
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name in names
        for number, line in enumerate(TEXTS[name].splitlines(), 1)
        if expression.search(line)
    ]


def test_texts_that_people_read_have_typographic_apostrophes() -> None:
    assert not matches(r"\w'\w", [name for name in TEXTS if name.startswith("fixtures/")])


def test_files_were_found() -> None:
    assert "manage.py" in TEXTS
    assert TEMPLATES


def test_the_environment_and_what_is_generated_stay_out() -> None:
    folders = (".venv", ".run", "media", "staticfiles", "htmlcov", "node_modules")
    assert not [name for name in FILES if Path(name).parts[0] in folders or "__pycache__" in name]


def test_no_path_of_a_machine() -> None:
    # The schedule of the beat in /tmp is a path of the container, not of a machine.
    paths = matches(r"(?<![\w.:/{}])/(home|root|Users|work|mnt|opt|tmp)/(?!celerybeat-schedule)\w", list(TEXTS))
    assert not paths


def test_no_address_of_a_package_index() -> None:
    pattern = r"pypi\.org|pythonhosted\.org|npmjs|--(extra-)?index-url|--find-links"
    assert not matches(pattern, [name for name in TEXTS if name != "Makefile"])
    assert "http" not in re.sub(r"aiohttp", "", TEXTS["requirements/dev.txt"])


def test_e_mail_addresses_are_fictitious() -> None:
    address = re.compile(r"[\w.+-]+@((?:[\w-]+\.)+[a-z]{2,})\b", re.IGNORECASE)
    real = [
        f"{name}: {match.group()}"
        for name, text in TEXTS.items()
        for match in address.finditer(text)
        # the DSFR writes domaine.fr to show the expected format
        if not match.group(1).endswith((".example", "example.org", "example.com", "domaine.fr"))
    ]
    assert not real


def test_no_inline_script_or_style() -> None:
    """The content security policy would drop them without an error."""
    inline = r"<style\b|\sstyle\s*=|<script\b(?![^>]*\bsrc=)|<\w[^>]*\son[a-z]+\s*=|javascript:"
    assert not matches(inline, PAGES, re.IGNORECASE)


LONG_LINE = 120
# Everything but text: tags, template tags, comments. `{{ … }}` in a sentence is text.
MARKUP = re.compile(r"<[a-zA-Z/!]|\{%|\{#|[a-z-]+=\"")


def too_long(lines: list[str]) -> list[int]:
    """The lines over 120 characters that contain more than a sentence."""
    return [n for n, line in enumerate(lines, 1) if len(line) > LONG_LINE and MARKUP.search(line)]


def test_a_template_has_one_element_a_line() -> None:
    """Nobody reviews a line that is too wide; only a sentence may exceed the limit."""
    assert too_long(['<p class="a">' + "x" * 110 + "</p>", "mot " * 40, "x" * 120, "{% if a %}" + "x" * 120]) == [1, 4]
    assert not [f"{name}:{n}" for name in TEMPLATES for n in too_long(TEXTS[name].splitlines())]


@pytest.mark.parametrize(
    ("names", "limit"),
    [
        ([name for name in PYTHON if not name.startswith("tests/")], 350),
        ([name for name in PYTHON if name.startswith("tests/")], 600),
        (TEMPLATES, 250),
    ],
    ids=["code", "tests", "templates"],
)
def test_files_are_short(names: list[str], limit: int) -> None:
    assert not [f"{name}: {TEXTS[name].count(chr(10))}" for name in names if TEXTS[name].count("\n") > limit]


def test_functions_are_short() -> None:
    long = []
    for name in PYTHON:
        if not name.startswith("tests/"):
            for node in ast.walk(ast.parse(TEXTS[name])):
                if isinstance(node, ast.FunctionDef):
                    length = (node.end_lineno or node.lineno) - node.lineno + 1
                    if length > 46:
                        long.append(f"{name}:{node.lineno} {node.name} ({length})")
    assert not long


def test_deployment_files_are_well_formed() -> None:
    import yaml

    services = yaml.safe_load(TEXTS["docker-compose.yml"])["services"]
    assert {"web", "worker", "beat", "postgres", "valkey"} <= set(services)
    assert services["worker"]["environment"]["DATABASE_URL"]
    assert re.search(r"^(web|worker|beat): ", (ROOT / "Procfile").read_text(), re.MULTILINE)
    for name in ("base", "dev"):
        assert "--hash=sha256:" in TEXTS[f"requirements/{name}.txt"]
