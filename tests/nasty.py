"""What nobody should type nor ask for, drawn by hypothesis: digits of all scripts, huge numbers, controls, odd days."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

KNOWN = [
    *(
        "²",
        "²²²²",
        "500²",
        "12³",
        "①",
        "Ⅳ",
        "½",
        "٣",
        "३",
        "５",
        "𝟓",
        "1_0",
        "1e3",
        "1e999",
        "0x1",
        "--1",
        "-1",
        "0",
        "00",
        "+1",
    ),
    *(
        "9" * 9,
        "9" * 10,
        "9" * 19,
        "9" * 20,
        "9" * 30,
        "9" * 5000,
        "0,00000000000000000001",
        "NaN",
        "-Infinity",
        "Infinity",
    ),
    *("0000-00-00", "0001-01-01", "9999-12-31", "2026-02-30", "01/01/0001", "31/12/9999", "٠٨/١٠/٢٠٢٥", "²/10/2025"),
    *(
        "\x0b",
        "a\x0bb",
        "\x1f",
        "\x85",
        "\u202e1\u202c",
        "\u2066",
        "\u2028",
        "\ufeff",
        "\uffff",
        "\U0010ffff",
        "\ud7ff",
    ),
    *("%", "%s", "\\", "'", '"', "{{ 1|add }}", "<script>", "*", "**", "@tous", "=1+1", "../../", "//ailleurs.example"),
    *(" ", "\n", "\t", "a" * 5000, "é" * 300, "a@" + "é" * 60 + ".fr", "\u0130stanbul", "\ufb01", "e\u0301" * 200, "ß"),
]
NUMBERS = st.text(st.characters(categories=["Nd", "No", "Nl"]), min_size=1, max_size=24)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
# What a reader of numbers takes for one, with digits that it should not.
MIXED = st.lists(st.sampled_from([*"0129,.-+ \u00a0%€²³٣５½"]), min_size=1, max_size=12).map("".join)
NASTY = st.one_of(st.sampled_from(KNOWN), NUMBERS, MIXED, TEXTS, st.integers().map(str))


def few(examples: int) -> settings:
    """So many drawn requests, the same at each run: a failure of last week is not lost among those of today."""
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
