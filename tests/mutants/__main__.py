"""`make mutants` breaks each rule of `mutants.toml`, one at a time, and expects the named tests to fail.

The run fails when a mutant survives, when its text is gone from the code, or when its test no longer exists.
`python -m tests.mutants guards` runs the mutants whose file or function contains that text.
"""

import json
import os
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.mutants.plugin import ROOT, mutate

LIST = Path(__file__).with_name("mutants.toml")
# Exit codes of pytest: 1, a test failed; 2 to 5, the run stopped before it tried the tests.
DIED, NOTHING_TRIED = 1, (2, 3, 4, 5)


def load_mutants() -> list[dict[str, Any]]:
    return list(tomllib.loads(LIST.read_text(encoding="utf-8"))["mutant"])


def run(mutant: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the mutant with « died », or with the reason why it did not die."""
    try:
        mutate((ROOT / mutant["file"]).read_text(encoding="utf-8"), mutant["function"], mutant["old"], mutant["new"])
    except (OSError, ValueError) as error:
        return mutant, f"cannot be tried: {error}"
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "tests.mutants.plugin", "-p", "no:cacheprovider"]
    command += ["-p", "no:randomly", *mutant["tests"]]
    environment = os.environ | {"MUTANT": json.dumps(mutant), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("DATABASE_URL", None)
    process = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if process.returncode == DIED:
        return mutant, "died"
    last = process.stdout.strip().splitlines()[-1:] or [""]
    return mutant, f"cannot be tried: {last[0]}" if process.returncode in NOTHING_TRIED else "SURVIVED"


def main(words: list[str]) -> int:
    mutants = [one for one in load_mutants() if all(word in f"{one['file']} {one['function']}" for word in words)]
    survivors = 0
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for mutant, verdict in pool.map(run, mutants):
            survivors += verdict != "died"
            print(
                f"{verdict}: {mutant['file']} {mutant['function']}: {mutant['old']!r} → {mutant['new']!r}", flush=True
            )
    print(f"{len(mutants)} mutants, {survivors} left alive")
    return 1 if survivors or not mutants else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
