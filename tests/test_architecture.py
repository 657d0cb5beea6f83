"""Rules of architecture that import-linter cannot check: foreign keys, the clock, the code that writes a state."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Field, Model

ROOT = Path(__file__).resolve().parent.parent
APPS = ("arml", "actions", "conventions", "reporting")
# A model may point at its own application and at those before it in this list.
ORDER = ("lib", *APPS)
DJANGO_DATES = re.compile(r"\|(?:date|time|timesince|timeuntil|localtime|utc|timezone)\b|{% (?:now|localtime) ")


def our_models() -> list[type[Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in ORDER]


def links(model: type[Model]) -> Iterator[tuple[Field, type[Model]]]:
    for field in [*model._meta.fields, *model._meta.many_to_many]:
        if field.remote_field and field.remote_field.model:
            yield field, field.remote_field.model


def sources(*folders: str) -> list[Path]:
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return [path for path in paths if "migrations" not in path.parts]


def test_there_are_models_to_look_at() -> None:
    assert {model._meta.app_label for model in our_models()} == set(ORDER)


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_foreign_keys_point_downwards(model: type[Model]) -> None:
    upwards = [
        f"{model._meta.label}.{field.name} → {target._meta.label}"
        for field, target in links(model)
        if target is not get_user_model()
        and target._meta.app_label in ORDER
        and ORDER.index(target._meta.app_label) > ORDER.index(model._meta.app_label)
    ]
    assert not upwards


def test_only_the_clock_tells_the_time() -> None:
    """All other code uses `cpo.lib.clock`: tests can move it, and it knows the local day of a service."""
    calls = {("timezone", "now"), ("datetime", "now"), ("datetime", "today"), ("date", "today"), ("datetime", "utcnow")}
    culprits = []
    for path in sources("cpo", *APPS):
        if path == ROOT / "cpo/lib/clock.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
                if (owner, node.attr) in calls:
                    culprits.append(f"{path.relative_to(ROOT)}:{node.lineno} {owner}.{node.attr}")
    assert not culprits


def test_only_the_clock_and_the_zones_put_an_instant_somewhere() -> None:
    """A date is that of its dossier (`cpo.lib.zones`), never of the server: nothing else moves an instant into a zone.

    UTC is left to the formats that want it: PDF, DOCX, iCalendar.
    """
    own = {ROOT / "cpo/lib/clock.py", ROOT / "cpo/lib/zones.py"}
    culprits = []
    for path in [path for path in sources("cpo", *APPS) if path not in own]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
            to_utc = name == "astimezone" and ast.unparse(node).endswith(("(UTC)", "(dt.UTC)"))
            if name in ("astimezone", "localtime", "localdate", "ZoneInfo") and not to_utc:
                culprits.append(f"{path.relative_to(ROOT)}:{node.lineno} {name}")
    for path in (ROOT / "templates").rglob("*.*"):
        text = path.read_text(encoding="utf-8")
        culprits += [f"{path.relative_to(ROOT)} {found}" for found in DJANGO_DATES.findall(text)]
    assert not culprits


def test_only_the_workflow_writes_a_state() -> None:
    """Every change of state goes through `workflow.apply`, which locks, checks, and writes state and journal."""
    culprits = []
    for path in sources(*APPS):
        if {path.stem, path.parent.name} & {"workflow", "effects"}:  # effects run inside `apply`
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            targets = node.targets if isinstance(node, ast.Assign) else []
            assigned = any(isinstance(target, ast.Attribute) and target.attr == "state" for target in targets)
            updated = (
                isinstance(node, ast.Call)
                and getattr(node.func, "attr", "") == "update"
                and any(keyword.arg == "state" for keyword in node.keywords)
            )
            if assigned or updated:
                culprits.append(f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', '?')}")
    assert not culprits


def test_no_application_looks_up_the_model_of_another_by_its_name() -> None:
    """A lower application calls an upper one through a hook (`cpo/lib/hooks.py`). An upper one imports a lower one."""
    culprits = []
    for path in sources("cpo", *APPS):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            by_name = getattr(called, "attr", "") == "get_model"
            below = path.parts[len(ROOT.parts)] in ("arml", "actions")
            upwards = below and getattr(called, "id", "") == "getattr" and "'act'" in ast.unparse(node)
            if by_name or upwards:
                culprits.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not culprits


def contracts() -> list[dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return settings["tool"]["importlinter"]["contracts"]


@pytest.mark.parametrize("app", ["cpo.lib", *APPS])
def test_every_module_of_an_application_stands_in_its_contract(app: str) -> None:
    """import-linter refuses a module outside the layers only if the contract is `exhaustive`."""
    (contract,) = [one for one in contracts() if app in one.get("containers", ())]
    assert contract["exhaustive"]
    assert contract["exhaustive_ignores"] == ["migrations"]
    folder = ROOT / app.replace(".", "/")
    modules = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    layers = {name.strip() for layer in contract["layers"] for name in layer.split(":")}
    assert modules - {"__init__", "migrations"} == layers


def test_no_circle_is_admitted_inside_an_application() -> None:
    (contract,) = [one for one in contracts() if one["type"] == "acyclic_siblings"]
    assert set(contract["ancestors"]) == {"cpo.lib", *APPS}
    assert not contract.get("ignore_imports")
