"""A convention signed on paper before the application has no text here: no page and no paper shows the national model.

An avenant to it quotes the articles that it changes, in the words of the original.
"""

import io
import re
import zipfile
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import NoReverseMatch, reverse

import actions.urls
import reporting.urls
from conventions.content.comparison import compare
from conventions.content.freeze import build_content
from conventions.content.held import articles_of
from conventions.documents import recognition
from conventions.documents.render import document_html
from conventions.guards.complete import nothing_missing
from conventions.guards.signing import signing_document
from conventions.models import ArticleText, Convention
from conventions.pages import verification
from conventions.pages.act_page import find_page
from conventions.services import evidence_file, threads, wordings
from conventions.services.articles import set_article
from conventions.services.quoting import leave_article, quote_article
from conventions.urls import urlpatterns
from cpo.lib.files import stored
from cpo.lib.files.hashing import canonical
from cpo.lib.models import Job
from cpo.lib.work import jobs
from tests.access import places
from tests.factories.kept import kept
from tests.factories.scenarios import Scene, in_force, later, to_signature

pytestmark = pytest.mark.django_db
OLD = "L’association réunit son comité une fois par an."
NEW = "L’association réunit son comité deux fois par an."
TITLE = "Article 9 bis – Comité"


@kept
def recorded() -> Scene:
    scene = places.paper()
    scene.do("record_paper", scene.officer)
    return scene


def quote(scene: Scene, **fields: Any) -> ArticleText:
    values = {"key": place(scene), "quoting": "modifie", "title": TITLE, "former": OLD, "body": NEW} | fields
    return quote_article(act=scene.act, by=scene.officer, expected_revision=None, **values)


def place(scene: Scene, rank: int = 8) -> str:
    return str(scene.act.articles.select_related("model_article")[rank].model_article.key)


@kept
def avenant() -> Scene:
    scene = later(recorded())
    quote(scene)
    scene.edit()
    return scene


def signed_avenant() -> Scene:
    return in_force(avenant())


def model_passages() -> list[str]:
    """Return long passages of the national model that hold no value."""
    passages = []
    for text in ArticleText.objects.filter(act__number=0).select_related("model_article"):
        plain = re.split(r"\{\{.*?\}\}|\n|\*|’|'|«|»|:|;|\(|\)", text.model_article.body)
        passages += [part.strip(" .") for part in plain if len(part.strip(" .")) > 55]
    assert len(passages) > 20
    return passages


def assert_no_model(text: str, where: str, passages: list[str]) -> None:
    words = " ".join(text.replace("\u00a0", " ").split())
    assert [p for p in passages if p in words] == [], where
    for claim in ("écart au modèle national", "S’écarte du modèle", "Comparer avec le modèle"):
        assert claim not in words, (where, claim)
    assert "contenu est signé" not in words, where


def addresses(scene: Scene, number: str) -> list[str]:
    """Return every address that the number of the convention, or of an act, opens."""
    found = []
    sheet, of_model = scene.act.programme.sheets.first().key, place(scene)
    for pattern in [*urlpatterns, *actions.urls.urlpatterns, *reporting.urls.urlpatterns]:
        for arguments in ([number], [number, 0], [number, 1], [number, 0, 1], [number, of_model], [number, sheet]):
            try:
                found.append(reverse(pattern.name, args=arguments))
            except NoReverseMatch:
                continue
    return sorted({one for one in found if "/conventions/" in one})


@pytest.mark.parametrize(
    "make",
    [
        avenant,
        *(
            pytest.param(one, marks=pytest.mark.slow)
            for one in (places.paper, recorded, signed_avenant, places.paper_act)
        ),
    ],
)
def test_no_page_of_a_paper_convention_shows_the_national_model(make: Any, client: Client) -> None:
    scene = make()
    passages, opened = model_passages(), 0
    for role in ("officer", "director"):
        client.force_login(getattr(scene, role))
        for number in {scene.convention.number, scene.number, f"{scene.convention.number}-initiale"}:
            for address in addresses(scene, number):
                response = client.get(address, follow=True)
                if response.status_code == 200 and "html" in response["Content-Type"]:
                    opened += 1
                    assert_no_model(response.content.decode(), address, passages)
    assert opened > 25


def texts(scene: Scene) -> list[tuple[str, str]]:
    """Return the documents of every version of the convention's acts, for each purpose, as HTML (PDF and DOCX)."""
    found = []
    for act in Convention.objects.get(pk=scene.convention.pk).acts.all():
        for version in act.versions.all():
            base = act.base.versions.latest("number").content if act.base else None
            for purpose in ("projet", "a_signer", "copie", "consolidee"):
                whole = None if purpose == "consolidee" else base
                found.append((
                    f"{act.reference} {version.number} {purpose}",
                    document_html(
                        version.content, version_number=version.number, content_sha256="0" * 64, purpose=purpose,
                        base=whole,
                    ),
                ))  # fmt: skip
    return found


def test_no_document_of_a_paper_convention_prints_the_national_model() -> None:
    scene = signed_avenant()
    passages, printed = model_passages(), texts(scene)
    assert len(printed) >= 8
    for name, html in printed:
        assert_no_model(re.sub(r"<[^>]+>", " ", html), name, passages)
    consolidated = next(html for name, html in printed if name.startswith(f"{scene.number} 1 consolidee"))
    for words in ("original numérisé", "Article 9 bis", "deux fois par an", scene.act.programme.sheets.first().title):
        assert words in consolidated.replace("\u00a0", " ").replace("\u202f", " "), words


def test_an_older_version_that_froze_the_model_is_read_without_it() -> None:
    scene = recorded()
    content = dict(scene.version.content)
    content["articles"] = [{"key": "objet", "included": True, "body": "Le modèle", "departure": False, "reason": ""}]
    assert articles_of(content) == []
    assert compare(content, scene.version.content).count == 0


def test_the_evidence_file_says_that_the_text_is_the_scan() -> None:
    scene = recorded()
    job = evidence_file.ask(scene.convention)
    assert jobs.run(job.pk), Job.objects.get(pk=job.pk).error
    document = scene.act.documents.get(pk=Job.objects.get(pk=job.pk).result["document"])
    files = zipfile.ZipFile(io.BytesIO(stored.read(document.file)))
    readme = files.read("LISEZMOI.txt").decode()
    assert "l’original signé sur papier, numérisé" in readme
    assert "son texte est celui de la numérisation" in readme
    assert "celle du document est la version" not in readme
    assert "douze caractères imprimés" not in readme


def test_the_verification_page_tells_the_scan_from_what_was_typed_of_it() -> None:
    scene = recorded()
    document = signing_document(scene.act)
    assert document is not None
    scan = recognition.identify(document.file.sha256)
    typed = recognition.identify(scene.version.content_sha256)
    assert scan and typed
    answer = verification.answer(scan, from_file=True)
    assert (answer.title, answer.day) == ("C’est la convention signée", "Signé le")
    assert "numérisation de l’original" in answer.sentence
    assert typed.verdict == recognition.Verdict.RECORDED
    assert "ce n’est pas la convention signée" in verification.answer(typed, from_file=True).sentence


# -- What an act quotes ---------------------------------------------------------------------------------------------


def test_an_avenant_that_quotes_nothing_states_its_other_changes_only() -> None:
    scene = later(recorded())
    scene.edit()
    comparison = compare(scene.act.base.versions.get().content, build_content(scene.act))
    assert (comparison.articles, len(comparison.sheets)) == ([], 1)
    assert find_page(scene.officer, scene.number).sizes[0] == 0  # type: ignore[union-attr]
    assert not [line.text for line in nothing_missing(scene.act) if line.severity == "error"]


def test_what_an_avenant_quotes_is_compared_with_the_wording_of_the_original() -> None:
    scene = avenant()
    (change,) = compare(scene.act.base.versions.get().content, build_content(scene.act)).articles
    words = [(piece.op, piece.text) for paragraph in change.paragraphs for piece in paragraph]
    assert (change.title, change.kind) == (TITLE, "modified")
    assert ("delete", "une fois") in words or any(op == "delete" and "une" in text for op, text in words)
    assert any(op == "insert" and "deux" in text for op, text in words)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [({"quoting": "supprime", "body": ""}, "removed"), ({"quoting": "ajoute", "former": ""}, "added")],
)
def test_an_article_of_the_original_is_removed_or_another_one_is_added(fields: dict[str, str], kind: str) -> None:
    scene = later(recorded())
    quote(scene, **fields)
    (change,) = compare(scene.act.base.versions.get().content, build_content(scene.act)).articles
    assert (change.title, change.kind) == (TITLE, kind)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"former": "  "}, "former"),
        ({"title": " "}, "title"),
        ({"body": ""}, "body"),
        ({"body": OLD}, "body"),
        ({"body": "Voir {{ inconnue }}."}, "body"),
        ({"quoting": "autre"}, "quoting"),
    ],
)
def test_an_act_changes_only_what_it_quotes(fields: dict[str, str], field: str) -> None:
    scene = later(recorded())
    with pytest.raises(ValidationError) as error:
        quote(scene, **fields)
    assert set(error.value.message_dict) == {field}
    assert scene.act.programme.revision == 0


def test_the_articles_of_the_original_are_not_rewritten_in_the_convention_itself() -> None:
    scene = places.paper()
    with pytest.raises(PermissionDenied, match="original signé"):
        quote(scene)
    with pytest.raises(PermissionDenied, match="n’a pas le texte"):
        set_article(act=scene.act, key=place(scene), body=NEW, by=scene.officer, expected_revision=None)


def test_an_act_may_leave_an_article_as_the_original_has_it() -> None:
    scene = avenant()
    leave_article(act=scene.act, key=place(scene), by=scene.officer, expected_revision=None)
    assert build_content(scene.act)["articles"] == []
    with pytest.raises(ValidationError, match="ne cite pas"):
        leave_article(act=scene.act, key=place(scene), by=scene.officer, expected_revision=None)


def test_a_second_avenant_starts_from_the_text_that_the_first_one_gave() -> None:
    second = later(signed_avenant())
    quote(second, title="Autre", former="Autre", body=NEW.replace("deux", "trois"))
    (change,) = compare(second.act.base.versions.latest("number").content, build_content(second.act)).articles
    words = [(piece.op, piece.text) for paragraph in change.paragraphs for piece in paragraph]
    assert change.title == TITLE
    assert any(op == "delete" and "deux" in text for op, text in words), "the text of the first avenant is replaced"
    leave_article(act=second.act, key=place(second), by=second.officer, expected_revision=None)
    assert [row["body"] for row in build_content(second.act)["articles"]] == [NEW]


def test_both_sides_reword_a_quoted_article_in_an_exchange_and_no_other() -> None:
    scene = avenant()
    labels = [anchor.label for anchor in threads.anchors(scene.act, scene.officer)]
    assert TITLE in labels
    assert not [label for label in labels if label.startswith("Article ") and label != TITLE]
    path = f"article/{place(scene)}"
    exchange = wordings.start(scene.act, by=scene.officer, path=path, wording=NEW + " Il écrit.", text="Plus clair.")
    scene.do("propose", scene.officer)
    proposal, shown = wordings.pending_proposal(exchange), wordings.present_text(scene.act, path, scene.director)
    assert proposal and shown == NEW
    exchange = scene.act.threads.get(pk=exchange.pk)
    wordings.accept(exchange, by=scene.director, number=proposal.pk, shown_digest=wordings.digest(shown))
    article = scene.act.articles.get(model_article__key=place(scene))
    assert (article.body, article.former_text) == (NEW + " Il écrit.", OLD)


def test_the_avenant_names_the_scan_that_it_changes_and_no_number_of_the_model() -> None:
    scene = to_signature(avenant())
    html = next(html for name, html in texts(scene) if name.startswith(f"{scene.number} 1 a_signer"))
    words = " ".join(re.sub(r"<[^>]+>", " ", html).replace("\u00a0", " ").split())
    scan = signing_document(scene.act.base)
    assert scan is not None
    assert f"dont la numérisation a pour empreinte {scan.file.sha256[:12]}" in words
    assert "ses stipulations relatives aux avenants" in words
    assert "article 12" not in words
    assert scene.act.base.versions.get().short_hash not in words


def test_the_pages_of_an_article_hold_the_old_and_the_new_wording(client: Client) -> None:
    scene = avenant()
    client.force_login(scene.officer)
    address = reverse("convention-article", args=[scene.number, place(scene)])
    page = client.get(address).content.decode()
    assert OLD in page and NEW in page
    listed = client.get(reverse("convention-articles", args=[scene.number])).content.decode()
    assert TITLE in listed and "Citer un article de l’original" in listed
    revision = scene.act.programme.revision
    answer = client.post(
        address, {"revision": revision, "quoting": "modifie", "title": TITLE, "former": "", "body": NEW}
    )
    assert "Recopiez le texte de l’original" in answer.content.decode()
    assert scene.act.programme.revision == revision
    answer = client.post(address, {"revision": revision, "laisser": "1"})
    assert answer.status_code == 302
    assert build_content(scene.act)["articles"] == []
    client.force_login(scene.director)
    scene.do("propose", scene.officer)
    assert client.get(address).status_code == 200, "the director has the turn now, and may quote it"


def test_the_content_of_an_application_convention_keeps_its_hash() -> None:
    scene = places.draft()
    content = build_content(scene.act)
    assert content["convention"]["origin"] == "app"
    assert all("former" not in row for row in content["articles"])
    assert len(content["articles"]) == scene.act.articles.count()
    assert canonical(content)
