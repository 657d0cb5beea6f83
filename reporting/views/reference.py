"""Reference pages: their home, the deadline rules with what they will send, the texts of e-mails."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.views.decorators.http import require_http_methods, require_safe

from actions.models import Cycle
from actions.views.catalogue import SECTIONS, add_changes_message, frame, get_cycle
from arml.enums import AttachmentMoment
from arml.models import AttachmentKind
from arml.permissions import acting_nationally
from arml.views.territories import trail
from conventions.guards.pieces import CONDITIONS
from cpo.lib import journal
from cpo.lib.editing import conflicts
from cpo.lib.mail import texts as texts_mail
from cpo.lib.mail.emails import FOOTER
from cpo.lib.models import EmailTemplate, JournalEntry
from reporting.forms.reference import EVENTS, OTHER_PEOPLE, PEOPLE, EmailTextForm, KindForm, RuleForm
from reporting.guards import understood
from reporting.models import DeadlineRule
from reporting.notifications import reminder_template
from reporting.services import reference as services

FORM = ["GET", "HEAD", "POST"]
WHAT = {
    "reference-values": "Seuils, délais, budget de l’État, façons de signer",
    "reference-axes": "Libellés des axes et de leurs objectifs",
    "reference-indicators": "Définitions, agrégation, indicateurs nationaux",
    "reference-examples": "Actions que les associations reprennent et adaptent",
    "reference-model": "Articles du modèle, versions, publication",
    "reference-rules": "Dates, rappels, destinataires, ce qui partira",
    "reference-emails": "Objet et texte de chaque message, variables",
}

RECIPIENTS = {
    "abonne": "personne abonnée",
    "arml_accountant": "comptable de l’ARML",
    "arml_director": "direction de l’ARML",
    "arml_president": "présidence de l’ARML",
    "autre_partie": "l’autre partie",
    "deux_parties": "les deux parties",
    "partie_auteur": "la partie qui agit",
    "partie_ayant_la_main": "la partie qui a la main",
    "partie_restante": "la partie qui n’a pas signé",
    "personne_invitee": "personne invitée",
    "service_manager": "responsable du service",
    "service_officer": "chargé·e de mission du service",
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    actor = acting_nationally(request.user)
    cycles = [
        {
            "cycle": cycle,
            "parts": [(label, WHAT[route], resolve_url(route, cycle.key)) for route, label in SECTIONS],
        }
        for cycle in Cycle.objects.all()
    ]
    roots = [journal.key(item["cycle"]) for item in cycles] + [journal.key(actor.organisation)]
    audiences = journal.readable_by([actor])
    entries = JournalEntry.objects.filter(root__in=roots, audience__in=audiences)[:10]
    context = {"cycles": cycles, "entries": entries, "breadcrumb": [{"label": "Référentiels"}]}
    return render(request, "reference/home.html", context)


def _base(rule: DeadlineRule) -> str:
    """« 30 juin N+1 », « la dernière signature + 3 mois »: where the date comes from, in words."""
    if rule.base_event:
        base = EVENTS.get(rule.base_event, rule.base_event.replace("_", " "))
    else:
        from cpo.lib.dates import MONTHS

        day = "1er" if rule.base_day == 1 else str(rule.base_day)
        base = f"{day} {MONTHS[(rule.base_month or 1) - 1]} {rule.base_year}"
    for amount, one, many in ((rule.shift_months, "mois", "mois"), (rule.shift_days, "jour", "jours")):
        if amount:
            base += f" {'+' if amount > 0 else '−'} {abs(amount)} {many if abs(amount) > 1 else one}"
    return base


def _rung(day: int) -> str:
    return "J" if day == 0 else f"J{'+' if day > 0 else '-'}{abs(day)}"


@require_safe
def rules(request: HttpRequest, cycle: str) -> HttpResponse:
    acting_nationally(request.user)
    found = get_cycle(cycle)
    rows = [
        {
            "rule": rule,
            "base": _base(rule),
            "ladder": ", ".join(_rung(day) for day in rule.ladder),
            "responsible": PEOPLE.get(rule.responsible) or OTHER_PEOPLE.get(rule.responsible, "–"),
        }
        for rule in found.deadline_rules.all()
    ]
    return render(request, "reference/rules.html", {"rows": rows, **frame(found, "reference-rules")})


@require_http_methods(FORM)
def rule(request: HttpRequest, cycle: str, key: str) -> HttpResponse:
    """Edit a rule; what it will send is shown before and after, for the values of the form."""
    actor = acting_nationally(request.user)
    found = get_cycle(cycle)
    one = get_object_or_404(DeadlineRule.objects.select_related("cycle"), cycle=found, key=key)
    form, shown, status = RuleForm(rule=one), one, 200
    if "preview" in request.POST:
        form = RuleForm(request.POST, rule=one)
        for name, value in form.changes.items() if form.is_valid() else ():
            setattr(shown, name, value)
    elif request.method == "POST":
        outcome = conflicts.save(
            request,
            make=lambda data: RuleForm(data, rule=DeadlineRule.objects.get(pk=one.pk)),
            write=lambda form, revision: services.update_rule(
                rule=one, changes=form.changes, expected_revision=revision, by=actor
            ),
            author=lambda: journal.last(one, "rule_changed"),
        )
        if outcome.saved:
            messages.success(request, "La règle est enregistrée." if outcome.result else "Rien n’a changé.")
            return redirect("reference-rule", found.key, one.key)
        form, status = outcome.form, outcome.status
    context = {
        "rule": one,
        "form": form,
        "previews": _previews(shown, request),
        "is_draft": "preview" in request.POST and form.is_valid(),
        **frame(found, "reference-rules", {"label": one.label}),
    }
    return render(request, "reference/rule.html", context, status=status)


def _previews(rule: DeadlineRule, request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {
            "year": item.year,
            "due_on": item.due_on,
            "conventions": item.conventions,
            "rows": [
                {
                    "rung": _rung(sending.rung),
                    "on": sending.on,
                    "past": sending.past,
                    "messages": sending.messages,
                    "people": ", ".join(PEOPLE.get(role) or OTHER_PEOPLE.get(role, role) for role in sending.roles),
                    "email": reminder_template(sending.rung),
                }
                for sending in item.sendings
            ],
        }
        for item in services.preview(rule, by=request.user)  # type: ignore[arg-type]
    ]


@require_safe
def email_list(request: HttpRequest, cycle: str) -> HttpResponse:
    acting_nationally(request.user)
    found = get_cycle(cycle)
    texts = texts_mail.shipped_texts()
    order = {key: rank for rank, key in enumerate(texts)}
    rows = [
        {"email": email, "subject": texts_mail.sample(email.subject), "recipients": _recipients(email.key)}
        for email in sorted(EmailTemplate.objects.all(), key=lambda email: order.get(email.key, len(order)))
    ]
    return render(request, "reference/emails.html", {"rows": rows, **frame(found, "reference-emails")})


def _recipients(key: str) -> str:
    text = texts_mail.shipped_texts().get(key)
    return ", ".join(RECIPIENTS.get(name, name.replace("_", " ")) for name in text.recipients) if text else ""


@require_http_methods(FORM)
def email(request: HttpRequest, cycle: str, key: str) -> HttpResponse:
    actor = acting_nationally(request.user)
    found = get_cycle(cycle)
    one = get_object_or_404(EmailTemplate, key=key)
    form, status = EmailTextForm(instance=one), 200
    if request.method == "POST":
        outcome = conflicts.save(
            request,
            make=lambda data: EmailTextForm(data, instance=EmailTemplate.objects.get(pk=one.pk)),
            write=lambda form, revision: services.update_email(
                template=one, changes=form.changes, cycle=found, expected_revision=revision, by=actor
            ),
            author=lambda: journal.last(one, "email_text_changed"),
        )
        if outcome.saved:
            messages.success(request, "Le texte est enregistré." if outcome.result else "Rien n’a changé.")
            return redirect("reference-email", found.key, key)
        form, status = outcome.form, outcome.status
    words = texts_mail.meanings()
    saved = EmailTemplate.objects.get(pk=one.pk)
    context = {
        "email": saved,
        "title": "Pied de tous les messages" if key == FOOTER else texts_mail.sample(saved.subject),
        "form": form,
        "variables": [(name, words.get(name, "")) for name in form.admitted],
        "sample_subject": texts_mail.sample(saved.subject),
        "sample_body": texts_mail.sample(saved.body),
        **frame(found, "reference-emails", {"label": key}),
    }
    return render(request, "reference/email.html", context, status=status)


KINDS = {"label": "Types de pièces"}
BLOCKED = {
    "": "rien",
    "ouverture_signature": "l’ouverture de la signature",
    "declaration_complet": "le compte rendu complet",
    "paiement": "le paiement",
}


@require_safe
def kinds(request: HttpRequest) -> HttpResponse:
    acting_nationally(request.user)
    rows = [{"kind": kind, "blocked": BLOCKED.get(kind.blocks, kind.blocks)} for kind in AttachmentKind.objects.all()]
    moments = [
        (f"pieces-{moment}", moment.label, [row for row in rows if row["kind"].moment == moment])
        for moment in AttachmentMoment
    ]
    return render(request, "reference/kinds.html", {"moments": moments, "breadcrumb": trail(KINDS)})


@require_http_methods(FORM)
def kind(request: HttpRequest, key: str) -> HttpResponse:
    actor = acting_nationally(request.user)
    one = get_object_or_404(AttachmentKind, key=key)
    name = one.label
    form, status = KindForm(instance=one), 200
    if request.method == "POST":
        outcome = conflicts.save(
            request,
            make=lambda data: KindForm(data, instance=AttachmentKind.objects.get(pk=one.pk)),
            write=lambda form, revision: services.update_kind(
                kind=one, changes=form.changes, expected_revision=revision, by=actor
            ),
            author=lambda: journal.last(one, "attachment_kind_changed"),
        )
        if outcome.saved:
            add_changes_message(request, outcome.result)
            return redirect("reference-kinds")
        form, status = outcome.form, outcome.status
    context = {
        "name": name,
        "form": form,
        "fixed": _fixed(one, form),
        "why": list(_why(one)),
        "breadcrumb": trail({**KINDS, "url": resolve_url("reference-kinds")}, {"label": name}),
    }
    return render(request, "reference/kind.html", context, status=status)


def _fixed(kind: AttachmentKind, form: KindForm) -> list[tuple[str, str]]:
    """What the page shows and does not let change."""
    facts = [
        ("Nom de code", kind.key),
        ("Moment", kind.get_moment_display()),
        ("Condition", CONDITIONS.get(kind.condition, kind.condition)),
        ("Accès", "limité au service et à l’association" if kind.confidential else "parties du dossier"),
    ]
    if "blocks" not in form.fields:
        facts.append(("Bloque", BLOCKED.get(kind.blocks, kind.blocks)))
    return facts


def _why(kind: AttachmentKind) -> Iterator[str]:
    yield (
        "Les échéances, les annexes et les droits de lecture s’appuient sur ces règles : les modifier changerait "
        "le sens de ce qui est déposé."
    )
    if kind.moment == AttachmentMoment.YEARLY and not understood(kind.condition):
        yield "Une pièce dont l’application ne calcule pas la condition ne bloque rien."
    if reason := services.why_not_withdraw(kind):
        yield reason
