"""The messages of the demonstration: everybody may read them in demo mode, and nobody otherwise."""

import pytest

from cpo.lib import clock
from cpo.lib.models import OutboxMessage
from tests.factories.arml import UserFactory

pytestmark = pytest.mark.django_db
LIST = "/demo/courriels/"


def mail(number=1, **fields):
    return OutboxMessage.objects.create(
        **{
            "message_id": f"<essai-{number}@exemple.example>",
            "template": "essai",
            "to": f"dest{number}@exemple.example",
            "subject": f"Objet {number}",
            "body": "Ouvrez http://127.0.0.1:8000/conventions/ <b>vite</b>",
            "created_at": clock.now(),
            **fields,
        }
    )


def test_the_messages_are_read_without_signing_in_newest_first(client):
    mail(1)
    mail(2)
    page = client.get(LIST).content.decode()
    assert page.index("Objet 2") < page.index("Objet 1")


def test_a_message_is_text_whose_links_can_be_followed(client):
    page = client.get(f"{LIST}{mail().pk}/").content.decode()
    assert '<a href="http://127.0.0.1:8000/conventions/"' in page
    assert "<b>vite</b>" not in page


def test_messages_are_searched_by_recipient(client):
    mail(1)
    mail(2)
    page = client.get(LIST, {"q": "DEST2"}).content.decode()
    assert "Objet 2" in page
    assert "Objet 1" not in page


def test_outside_demo_mode_there_is_no_such_page(client, settings):
    message = mail()
    settings.DEMO = False
    assert client.get(LIST).status_code == 404
    assert client.get(f"{LIST}{message.pk}/").status_code == 404


def test_the_list_makes_as_many_queries_for_one_message_as_for_three(client, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    mail(1, recipient=UserFactory())
    with CaptureQueriesContext(connection) as first:
        client.get(LIST)
    for number in (2, 3):
        mail(number, recipient=UserFactory())
    with django_assert_num_queries(len(first)):
        client.get(LIST)
