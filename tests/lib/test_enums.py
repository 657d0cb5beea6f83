"""Each side of a dossier has the other as its opposite. A person on no side has none."""

import pytest

from cpo.lib.enums import Side


def test_each_side_has_the_other_across_from_it() -> None:
    assert Side.other(Side.STATE) == Side.BENEFICIARY
    assert Side.other("beneficiary") == Side.STATE


def test_nobody_is_across_from_who_is_on_neither_side() -> None:
    with pytest.raises(ValueError):
        Side.other("")
