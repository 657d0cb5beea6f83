"""E-mails, for the national administration: their texts (list, form, sample), and the messages not delivered."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from actions.models import Cycle
from actions.views.catalogue import frame, get_cycle
from arml.permissions import acting_nationally
from arml.views.territories import trail
from conventions.text.shipped import new_emails
from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.editing import conflicts
from cpo.lib.editing.conflicts.saving import posted_revision
from cpo.lib.editing.lock import StaleRevision
from cpo.lib.mail import texts
from cpo.lib.mail.emails import FOOTER, undelivered
from cpo.lib.models import EmailTemplate
from cpo.lib.wording.numbers import whole_number
from reporting.forms.emails import EmailTextForm
from reporting.services import emails as services

RECIPIENTS = {
    "abonne": "personne abonnée",
    "ancienne_adresse": "l’ancienne adresse de la personne",
    "arml_accountant": "comptable de l’ARML",
    "arml_director": "direction de l’ARML",
    "arml_president": "présidence de l’ARML",
    "autre_partie": "l’autre partie",
    "deux_parties": "les deux parties",
    "partie_auteur": "la partie qui agit",
    "partie_ayant_la_main": "la partie qui a la main",
    "partie_restante": "la partie qui n’a pas signé",
    "personne_attendue": "la personne attendue",
    "personne_invitee": "personne invitée",
    "personne_qui_depose": "la personne qui a déposé le fichier",
    "service_manager": "responsable du service",
    "service_officer": "chargé·e de mission du service",
}


@require_safe
def email_list(request: HttpRequest, cycle: str) -> HttpResponse:
    acting_nationally(request.user)
    selected_cycle = get_cycle(cycle)
    order = {key: rank for rank, key in enumerate(texts.shipped_texts())}
    new = new_emails()
    rows = [
        {
            "email": email,
            "subject": texts.sample(email.subject),
            "recipients": _recipients(email.key),
            "new": email.key in new,
        }
        for email in sorted(EmailTemplate.objects.all(), key=lambda email: order.get(email.key, len(order)))
    ]
    return render(
        request, "reference/emails.html", {"rows": rows, "new": new, **frame(selected_cycle, "reference-emails")}
    )


def _recipients(key: str) -> str:
    text = texts.shipped_texts().get(key)
    return ", ".join(RECIPIENTS.get(name, name.replace("_", " ")) for name in text.recipients) if text else ""


@require_http_methods(["GET", "HEAD", "POST"])
def email(request: HttpRequest, cycle: str, key: str) -> HttpResponse:
    actor = acting_nationally(request.user)
    selected_cycle = get_cycle(cycle)
    instance = get_object_or_404(EmailTemplate, key=key)
    form, status = EmailTextForm(instance=instance), 200
    if "livree" in request.POST:
        return _examine_shipped(request, instance, selected_cycle, actor)
    if request.method == "POST":
        outcome = conflicts.save(
            request,
            make=lambda data: EmailTextForm(data, instance=EmailTemplate.objects.get(pk=instance.pk)),
            write=lambda form, revision: services.update_email(
                template=instance, changes=form.changes, cycle=selected_cycle, expected_revision=revision, by=actor
            ),
            author=lambda: journal.last(instance, "email_text_changed"),
        )
        if outcome.saved:
            messages.success(request, "Le texte est enregistré." if outcome.result else "Rien n’a changé.")
            return redirect("reference-email", selected_cycle.key, key)
        form, status = outcome.form, outcome.status
    words, shipped = texts.meanings(), new_emails(key).get(key)
    saved = EmailTemplate.objects.get(pk=instance.pk)
    context = {
        "email": saved,
        "title": "Pied de tous les messages" if key == FOOTER else texts.sample(saved.subject),
        "form": form,
        "shipped": shipped,
        "shipped_subject": texts.sample(shipped.subject) if shipped else "",
        "shipped_body": texts.sample(shipped.body) if shipped else "",
        "variables": [(name, words.get(name, "")) for name in form.variables],
        "sample_subject": texts.sample(saved.subject),
        "sample_body": texts.sample(saved.body),
        **frame(selected_cycle, "reference-emails", {"label": key}),
    }
    return render(request, "reference/email.html", context, status=status)


def _examine_shipped(request: HttpRequest, instance: EmailTemplate, cycle: Cycle, actor: Actor) -> HttpResponse:
    """Take the wording that ships with the application, or keep the text in use."""
    back = redirect("reference-email", cycle.key, instance.key)
    if instance.key not in new_emails(instance.key):
        messages.info(request, "Cette rédaction est déjà examinée.")
        return back
    if request.POST["livree"] != "prendre":
        services.keep_wording(template=instance, cycle=cycle, by=actor)
        messages.success(request, "Votre texte est gardé.")
        return back
    try:
        revision = posted_revision(request.POST.get("revision"))
        services.take_wording(template=instance, cycle=cycle, expected_revision=revision, by=actor)
    except StaleRevision:
        messages.error(request, "Ce texte vient d’être modifié : relisez-le avant de le remplacer.")
    else:
        messages.success(request, "La rédaction livrée avec l’application est prise.")
    return back


@require_http_methods(["GET", "HEAD", "POST"])
def undelivered_list(request: HttpRequest) -> HttpResponse:
    """The messages that could not leave, each with its reason; a post sends one again, or all of them."""
    actor = acting_nationally(request.user)
    if request.method == "POST":
        one = whole_number(request.POST.get("message"))
        if one is None and "tous" not in request.POST:
            messages.error(request, "Choisissez le message à renvoyer.")
        elif count := services.try_again(message=one, by=actor):
            what = "Le message attend son envoi" if count == 1 else f"{count} messages attendent leur envoi"
            messages.success(request, f"{what} : rechargez cette page dans une minute.")
        else:
            messages.info(request, "Ce message est déjà parti.")
        return redirect("undelivered-messages")
    page = Paginator(undelivered(), 25).get_page(request.GET.get("page"))
    context = {"page_obj": page, "breadcrumb": trail({"label": "Courriels non remis"})}
    return render(request, "reference/undelivered.html", context)
