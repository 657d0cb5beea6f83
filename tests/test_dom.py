"""The differences between two pages that count (tests/dom/tree.py)."""

import pytest

from tests.dom.tree import lines


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<p>Un mot</p>", "<p>\n  Un\n  mot\n</p>"),
        ("<ul><li>a</li><li>b</li></ul>", "<ul>\n <li>a</li>\n <li>b</li>\n</ul>"),
        ("<p>Un <a>mot</a></p>", "<p>Un\n<a>mot</a>\n</p>"),
        ("<p>Un<br>mot</p>", "<p>\nUn\n<br>\nmot</p>"),
        ("<p>a <b>b</b></p>", "<p>a <b> b</b></p>"),
        ("<button>Un</button>", "<button>\n Un\n</button>"),
        ('<p>a<input type="hidden">b</p>', "<p>a<input type='hidden'>b</p>"),
        ('<p class="a  b"></p>', '<p class="a\n b"></p>'),
        ('<div class="cpo-boutons"><a>a</a><a>b</a></div>', '<div class="cpo-boutons">\n<a>a</a>\n<a>b</a>\n</div>'),
        ("<p>a<!-- rien -->b</p>", "<p>ab</p>"),
        ('<p id="a" lang="fr"></p>', '<p lang="fr"\n id="a"></p>'),
    ],
)
def test_what_nobody_sees_is_no_difference(one: str, other: str) -> None:
    assert lines(one) == lines(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<p>Un <a>mot</a>.</p>", "<p>Un <a>mot</a> .</p>"),
        ("<p>Un <a>mot</a> de</p>", "<p>Un <a>mot </a>de</p>"),
        ("<p>Un <a>mot</a></p>", "<p>Un<a> mot</a></p>"),
        ("<p>a<b>b</b></p>", "<p>a <b>b</b></p>"),
        ("<p><span>a</span><span>b</span></p>", "<p><span>a</span> <span>b</span></p>"),
        ("<p>a<button>b</button></p>", "<p>a <button>b</button></p>"),
        ("<p>a<input>b</p>", "<p>a<input> b</p>"),
        ('<p>a<input type="hidden">b</p>', '<p>a <input type="hidden">b</p>'),
        ('<p><span class="fr-icon-a"></span>b</p>', '<p><span class="fr-icon-a"></span> b</p>'),
        ("<p>a&nbsp;b</p>", "<p>a b</p>"),
        ("<pre>a\n b</pre>", "<pre>a b</pre>"),
        ("<textarea>a</textarea>", "<textarea>\n a</textarea>"),
        ('<p title="a b"></p>', '<p title="a  b"></p>'),
        ("<p></p><div></div>", "<div></div><p></p>"),
        ("<p>a</p>", "<p><span>a</span></p>"),
    ],
)
def test_what_somebody_sees_is_one(one: str, other: str) -> None:
    assert lines(one) != lines(other)
