"""The list of mutants matches the code. `make mutants` runs them, which takes minutes."""

from typing import Any

import pytest

from tests.mutants.__main__ import load_mutants
from tests.mutants.plugin import ROOT, mutate

MUTANTS = load_mutants()
LEAST = 60


def test_there_are_enough_mutants_to_trust_the_tests() -> None:
    assert len(MUTANTS) >= LEAST
    keys = [(one["file"], one["function"], one["old"], one["new"]) for one in MUTANTS]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: f"{one['function']}: {one['old'][:40]}")
def test_a_mutant_still_breaks_the_code_and_names_its_test(mutant: dict[str, Any]) -> None:
    source = (ROOT / mutant["file"]).read_text(encoding="utf-8")
    text = mutate(source, mutant["function"], mutant["old"], mutant["new"])
    assert text != source
    compile(text, mutant["file"], "exec")
    for test in mutant["tests"]:
        file, _, name = test.partition("::")
        function = name.partition("[")[0].rpartition("::")[2]
        assert not name or f"def {function}(" in (ROOT / file).read_text(encoding="utf-8"), test


@pytest.mark.parametrize(
    "source", ["def f():\n    return 1\n", "def f():\n    return a + a\n", "def g():\n    return a\n"]
)
def test_a_text_that_does_not_stand_there_once_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="stands"):
        mutate(source, "f", "a", "b")
