"""Read the table of expected answers: a block per address, a row per method and state, a column per role.

    [convention-versions]      anon off man …
      GET   draft               log 200 200 …
      POST  *                   log 405 …

The state `*` stands for all states that the block does not name. Commas join the states that share a row. `…` at the
end repeats the last answer. README.md in this folder explains the codes.
"""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from .people import COLUMNS

FOLDER = Path(__file__).parent / "table"
NAMES = list(COLUMNS)
WIDTH = 40
Row = tuple[str, ...]
Block = dict[tuple[str, str], Row]  # (method, state) → answers


def read() -> dict[str, Block]:
    """The blocks of all files. Raises ValueError if a line is not valid."""
    blocks: dict[str, Block] = {}
    for path in sorted(FOLDER.glob("*.txt")):
        current: Block | None = None
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            where = f"{path.name}:{number}"
            if not line.strip() or line.startswith("#"):
                continue
            if line.startswith("["):
                name, _, headings = line[1:].partition("]")
                if headings.split() != NAMES:
                    raise ValueError(f"{where}: the columns are {' '.join(NAMES)}")
                if name in blocks:
                    raise ValueError(f"{where}: {name} is there twice")
                current = blocks[name] = {}
                continue
            if current is None:
                raise ValueError(f"{where}: a row outside any block")
            _add(current, line, where)
    return blocks


def _add(block: Block, line: str, where: str) -> None:
    method, states, *codes = line.split()
    if codes[-1] == "…":
        codes = codes[:-1] + [codes[-2]] * (len(NAMES) - len(codes) + 1)
    if len(codes) != len(NAMES) or method not in ("GET", "POST"):
        raise ValueError(f"{where}: {len(codes)} answers for {len(NAMES)} columns")
    for state in states.split(","):
        if (method, state) in block:
            raise ValueError(f"{where}: {method} {state} is there twice")
        block[method, state] = tuple(codes)


def expected(block: Block, method: str, state: str) -> Row | None:
    return block.get((method, state)) or block.get((method, "*"))


def block_text(name: str, answers: Block, states: Iterable[str]) -> str:
    """A block as text. Rows with the same answers are merged, and the largest group of states becomes `*`."""
    lines = [f"[{name}]".ljust(WIDTH) + " ".join(code.rjust(4) for code in NAMES)]
    for method in ("GET", "POST"):
        groups: dict[Row, list[str]] = defaultdict(list)
        for state in states:
            if (method, state) in answers:
                groups[answers[method, state]].append(state)
        largest = max(groups.values(), key=len, default=[])
        for row, together in groups.items():
            label = "*" if together is largest and (len(together) > 1 or len(groups) == 1) else ",".join(together)
            lines.append(f"  {method:<5} {label} ".ljust(WIDTH) + _codes(row))
    return "\n".join(lines)


def _codes(row: Row) -> str:
    end = len(row)
    while end > 1 and row[end - 2] == row[-1]:
        end -= 1
    codes = list(row) if end > len(row) - 3 else [*row[:end], "…"]
    return " ".join(code.rjust(4) for code in codes)
