"""What is read shows no mark of the tools that made it: pages, e-mails and papers, as they are rendered.

`{{ variable }}` and `**gras**` are written in articles and e-mails; who reads gets the value and the bold. And each
table has headings for its columns: « avant » and « après » are told by them alone.
"""

import re
from html.parser import HTMLParser

import pytest

from cpo.lib.models import OutboxMessage
from tests.access.addresses import BLOCKS
from tests.access.places import World
from tests.access.walk import Asker
from tests.access.world import _files, _own_files, asker, db, world  # noqa: F401
from tests.dom.pages import documents_of
from tests.e2e.test_axe_everywhere import GROUPS
from tests.reporting.test_documents import KINDS

MARKS = re.compile(r"{{|}}|\*\*")
# Pages where the text of an article or of an e-mail is written, which say what its marks are.
WRITING = ("convention-article", "reference-model-article", "reference-model-whole", "reference-email")
WRITING += ("letter-add", "letter-batch", "letter-template")
SAID = re.compile(r"\*\*gras\*\*|{{ ?[a-z_0-9]+ ?}}")


class Reader(HTMLParser):
    """What a person reads of a page, and its tables; not what is typed, nor scripts."""

    HIDDEN = ("script", "style", "template", "textarea")
    TOLD = ("title", "aria-label", "alt", "placeholder")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.headings: list[int] = []  # of columns, for each table
        self.hidden = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.hidden += tag in self.HIDDEN
        self.texts += [attributes[name] or "" for name in self.TOLD if name in attributes]
        if tag == "table" and attributes.get("role") != "presentation":
            self.headings.append(0)
        if tag == "th" and self.headings and attributes.get("scope") in ("col", "colgroup"):
            self.headings[-1] += 1

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in self.HIDDEN

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.texts.append(data)


def marks(text: str) -> list[str]:
    return [text[max(0, match.start() - 30) : match.end() + 30] for match in MARKS.finditer(text)]


def test_marks_are_seen_where_one_reads_and_not_where_one_types() -> None:
    assert MARKS.search(" ".join(Reader('<p title="{{ a }}">b</p>').texts))
    assert marks(" ".join(Reader("<p>du **gras**</p>").texts))
    assert not marks(" ".join(Reader('<textarea>{{ a }}</textarea><input value="**b**"><script>{{</script>').texts))
    assert Reader("<table><tr><th scope='col'>A<th scope='row'>B</table><table><tr><td></table>").headings == [1, 0]


@pytest.mark.parametrize("group", GROUPS)
def test_a_page_shows_no_mark_and_its_tables_have_headings(group: str, world: World, asker: Asker) -> None:  # noqa: F811
    problems, drawn = [], 0
    for person, where, name in GROUPS[group]:
        place = world.place(where)
        answer = asker.get(BLOCKS[name].path(name, place), place.people[person])
        if not answer.body.lstrip().startswith("<"):
            continue  # a file
        drawn += 1
        page = Reader(answer.body)
        text = "\n".join(page.texts)
        text = SAID.sub("", text) if name.startswith(WRITING) else text
        problems += [f"{name}: {mark}" for mark in marks(text)]
        problems += [f"{name}: a table without headings" for count in page.headings if not count]
    assert drawn
    assert not problems, "\n".join(problems)


def test_an_e_mail_shows_no_mark(world: World) -> None:  # noqa: F811
    for where in ("signature", "active", "terminated", "concluded", "noticed"):
        world.place(where)
    messages = list(OutboxMessage.objects.all())
    assert len({message.template for message in messages}) >= 10
    assert not [one.template for one in messages if MARKS.search(one.subject + one.body)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_paper_shows_no_mark_and_its_tables_have_headings(kind: str) -> None:
    papers = documents_of(KINDS[kind])
    for html in papers:
        page = Reader(html)
        assert not marks("\n".join(page.texts))
        assert all(page.headings)
