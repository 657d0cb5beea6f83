"""Wrong values for every form: the value, the control that must show the message, and the words of the message.

`fields` maps a pattern of the name of a control to a value. The other controls keep the values of the page.
"""

from dataclasses import dataclass, field

FUTURE = "01/01/2099"
NO_DAY = "32/13/2025"


@dataclass(frozen=True)
class Wrong:
    block: str
    person: str
    place: str
    fields: dict[str, str] = field(default_factory=dict)
    says: str = ""  # a piece of the message
    beside: str = ""  # pattern of the control that shows the message, if it is another one
    form: str = ""  # pattern of a control that only this form has, if the page has several forms
    secret: bool = False  # a password does not come back in the page
    add: dict[str, str] = field(default_factory=dict)  # values that a script or a button adds

    @property
    def title(self) -> str:
        return f"{self.block}, {', '.join(f'{name}={value[:20]}' for name, value in self.fields.items())}"


CASES = [
    # Account, people, organisations
    Wrong("login", "anon", "-", {"username": "pas-une-adresse"}, "prenom.nom@"),
    Wrong(
        "login",
        "anon",
        "-",
        {"username": "personne@exemple.example", "password": "faux"},
        "incorrect",
        "password",
        secret=True,
    ),
    Wrong("password-reset", "anon", "-", {"email": "a@b"}, "adresse"),
    Wrong(
        "invitation-accept",
        "anon",
        "-",
        {"new_password1": "court", "new_password2": "court"},
        "12 caractères",
        "new_password1",
        secret=True,
    ),
    Wrong("name-change", "off", "-", {"last_name": " "}, "Indiquez votre nom"),
    Wrong("address-change", "off", "-", {"password": "faux"}, "mot de passe actuel", secret=True),
    Wrong("password-change", "off", "-", {"old_password": "faux"}, "mot de passe actuel", secret=True),
    Wrong("preferences", "off", "-", {"rhythm": "jamais"}, ""),
    Wrong("organisation-edit association", "pre", "-", {"siret": "123 456"}, "14 chiffres"),
    Wrong("organisation-edit association", "pre", "-", {"email": "arml sans arobase"}, ""),
    Wrong("delegation-add service", "man", "-", {"dated": NO_DAY, "ceiling": "un million"}, ""),
    Wrong("delegation-add service", "man", "-", {"holder_name": ""}, ""),
    Wrong("delegation-edit service", "man", "-", {"dated": NO_DAY, "ceiling": "un million"}, ""),
    Wrong("invitation-add service", "man", "-", {"email": "camille", "first_name": ""}, ""),
    Wrong("invitation-add service", "man", "-", {"valid_until": "01/01/2020"}, "passée"),
    Wrong("role-change service", "man", "-", {"valid_until": NO_DAY}, ""),
    Wrong("role-end service", "man", "-", {"when": "on", "until": ""}, "", "until"),
    Wrong("mandate association", "pre", "-", {"mandated_on": NO_DAY}, ""),
    # Drafting
    Wrong("convention-create", "off", "-", {"beneficiary": ""}, "association"),
    Wrong("convention-paper-create", "off", "-", {"number": "CPO/2025 !"}, "lettres"),
    Wrong("convention-values", "off", "state-turn", {"date_limite_derniers_justificatifs": NO_DAY}, ""),
    Wrong(
        "convention-contribution",
        "off",
        "state-turn",
        {r"m-\d+-socle-2026": "trente mille"},
        "",
        form=r"m-\d+-socle-2026",
    ),
    Wrong(
        "convention-contribution",
        "off",
        "state-turn",
        {"versement-0-amount": "-5", "versement-0-due_on": NO_DAY},
        "",
        form="versement-0-amount",
    ),
    Wrong(
        "convention-article free",
        "off",
        "state-turn",
        {"body": "Selon {{ variable_inconnue }}.", "reason": "Un motif."},
        "variable_inconnue",
        "body",
    ),
    Wrong("funding-record", "acc", "active", {"amount": "dix mille"}, "montant"),
    Wrong("funding-record", "dir", "arml-turn", {"amount": "-5"}, "inférieur"),
    Wrong("funding-record", "off", "arml-turn", {"dated_on": FUTURE}, "futur"),
    Wrong("funding-record", "off", "arml-turn", {"line": ""}, "financeur"),
    Wrong("commitment-add", "off", "active", {"amount": "40 000,01"}, "conventionnés"),
    Wrong("commitment-add", "man", "active", {"committed_on": FUTURE}, "futur"),
    Wrong("commitment-add", "off", "active", {"number": ""}, "engagement juridique"),
    Wrong("commitment-void", "off", "active", {"reason": ""}, "pourquoi"),
    Wrong("balance-release", "man", "active", {"reason": ""}, "débloqué"),
    Wrong("payment-propose", "off", "active", {"amount": "20 000,01"}, "Il reste"),
    Wrong("payment-transition order", "off", "active", {"number": ""}, "demande de paiement"),
    Wrong("payment-transition pay", "off", "active", {"on": FUTURE}, "futur"),
    Wrong("payment-transition void", "man", "active", {"reason": ""}, "pourquoi"),
    Wrong("funding-void", "off", "state-turn", {"reason": ""}, "pourquoi"),
    Wrong("attachment-add association", "dir", "state-turn", {"dated": FUTURE}, ""),
    Wrong("convention-paper-original", "off", "paper", {"notified_on": NO_DAY}, ""),
    Wrong("convention-article quoted", "off", "paper-avenant", {"former": ""}, "Recopiez le texte"),
    Wrong("convention-article quoted", "off", "paper-avenant", {"title": " "}, "titre"),
    Wrong("convention-taking-over", "off", "paper", {"versement_annee_1-on": NO_DAY}, ""),
    Wrong("convention-taking-over", "dir", "recorded", {"answer": "contested", "text": " "}, "erreur", "text"),
    Wrong("thread-create", "dir", "arml-turn", {"text": ""}, "message"),
    Wrong("thread-reply both", "dir", "arml-turn", {"text": ""}, "réponse"),
    Wrong("thread-create", "off", "arml-turn", {"text": "@Camille, bonjour."}, "qui faut-il prévenir"),
    Wrong("thread-propose", "dir", "arml-turn", {"text": ""}, "pourquoi"),
    Wrong("thread-propose", "dir", "arml-turn", {"wording": ""}, "rédaction"),
    Wrong("thread-wording", "dir", "arml-turn", {"wording": ""}, "rédaction"),
    # Programme
    Wrong("sheet-create", "dir", "arml-turn", {"title": ""}, ""),
    Wrong("sheet-create", "dir", "arml-turn", {"axis": "999999"}, ""),
    Wrong("sheet-from-example", "dir", "arml-turn", {"examples": ""}, ""),
    Wrong("sheets-take", "dir", "arml-turn", {"sheets": ""}, ""),
    Wrong("sheets-take", "dir", "arml-turn", {"to_year": "1999"}, "choix valide"),
    Wrong("sheet-edit", "dir", "arml-turn", {"fte": "deux et demi"}, ""),
    Wrong("sheet-edit", "dir", "arml-turn", {"starts_on": "31/12/2026", "ends_on": "01/01/2026"}, "", "ends_on"),
    Wrong("sheet-indicators", "dir", "arml-turn", {r".*-0-target_2025": "beaucoup"}, ""),
    Wrong(
        "sheet-indicators",
        "dir",
        "arml-turn",
        {r".*-0-unit": "%", r".*-0-target_2025": "185"},
        "plus de 100",
        r".*-0-confirm",
    ),
    Wrong("sheet-budget", "acc", "arml-turn", {r"charges-0-y2025": "dix mille"}, ""),
    Wrong("programme-structure", "acc", "arml-turn", {r"charges-0-y2025": "1e9"}, ""),
    # Signature
    Wrong(
        "convention-sign",
        "pre",
        "signature",
        {"password": "faux"},
        "mot de passe",
        form="password",
        add={"etape": "identite"},
        secret=True,
    ),
    Wrong(
        "convention-record-signature",
        "man",
        "signature",
        {"reference": "CPO-AUTRE", "short_hash": "abc"},
        "référence",
        "reference",
    ),
    Wrong("convention-record-signature", "man", "signature", {"signed_on": FUTURE}, ""),
    Wrong("delivery-add", "off", "active", {"sent_on": FUTURE}, "futur"),
    Wrong("delivery-add", "man", "active", {"received_on": NO_DAY}, ""),
    Wrong("convention-deposit-signature", "man", "signature", {"party": ""}, "partie"),
    Wrong("convention-transition reopen", "man", "signature", {"comment": ""}, "motif"),
    Wrong("convention-transition abandon", "man", "state-turn", {"comment": "  "}, "motif"),
    Wrong("convention-transition refuse_visa", "man", "accepted", {"comment": ""}, "motif"),
    Wrong("convention-transition refuse_cosigner_visa", "cma", "accepted", {"comment": ""}, "motif"),
    Wrong("convention-transition refuse_president_visa", "pre", "president-asked", {"comment": " "}, "motif"),
    Wrong("outside-visa-add", "man", "accepted", {"given_on": FUTURE}, "futur"),
    Wrong("outside-visa-add", "man", "accepted", {"given_on": "01/01/2020"}, "avant"),
    Wrong("outside-visa-add", "off", "signature", {"given_on": NO_DAY}, ""),
    Wrong("outside-visa-add", "off", "signature", {"authority": "", "name": "", "capacity": ""}, ""),
    Wrong("outside-visa-withdraw", "man", "signature", {"reason": ""}, "pourquoi"),
    Wrong("act-open-amendment", "off", "active", {"cause": " ", "consequences": ""}, "Dites"),
    Wrong("act-open-annual", "off", "active", {"year": "1999"}, ""),
    Wrong("act-open-paper", "off", "recorded", {"rank": ""}, "numéro"),
    Wrong("record-correct", "off", "recorded", {"notified_on": NO_DAY}, ""),
    Wrong("record-correct", "off", "recorded", {"reason": " "}, "pourquoi"),
    Wrong("act-open-paper", "off", "recorded", {"effective_on": "01/01/2024"}, "prend effet entre"),
    Wrong("act-open-adaptation", "dir", "active", {"purpose": ""}, "Dites"),
    Wrong("act-terms", "off", "avenant", {"effective_on": NO_DAY}, ""),
    Wrong("act-terms", "off", "avenant", {"effective_on": "01/01/2020"}, "avant le texte"),
    Wrong("notice-prepare", "man", "active", {"breaches": " "}, "manquements"),
    Wrong("notice-send", "man", "prepared", {"sent_on": FUTURE}, "futur"),
    Wrong("notice-send", "man", "prepared", {"sent_on": "01/01/2020"}, "ne la précède"),
    Wrong("notice-send", "man", "prepared", {"letter_number": "", "sent_on": NO_DAY}, ""),
    Wrong("notice-observe", "dir", "noticed", {"text": ""}, "observations"),
    Wrong("convention-terminate", "man", "overdue", {"decided_on": "01/09/2026"}, "inclus"),
    Wrong("convention-terminate", "man", "overdue", {"decision": "", "notified_on": NO_DAY}, ""),
    Wrong("convention-dissolve", "man", "active", {"effective_on": FUTURE}, "futur"),
    Wrong("convention-dissolve", "pre", "active", {"facts": "", "effective_on": NO_DAY}, ""),
    Wrong("convention-transition withdraw_notice", "man", "noticed", {"comment": " "}, "motif"),
    # The year
    Wrong("report-sheet", "dir", "in_progress", {"fte_used": "un peu"}, ""),
    Wrong("report-finance", "acc", "in_progress", {r"produits?-.*|resource.*|r\d+.*": "mille"}, ""),
    Wrong(
        "report-transition reopen",
        "man",
        "admissible",
        {"scope": "limited", "comment": ""},
        "Dites pourquoi",
        "comment",
    ),
    Wrong("report-transition send_back", "off", "submitted", {"part0": "", "reason0": "Précisez."}, "Cochez", "part0"),
    Wrong("review", "off", "admissible", {"held_on": FUTURE}, ""),
    Wrong("deadline-met association", "dir", "-", {"met_on": FUTURE}, ""),
    # Reference data
    Wrong("reference-axis", "adm", "-", {"label": ""}, ""),
    Wrong("reference-indicator", "adm", "-", {"label": ""}, ""),
    Wrong("reference-example", "adm", "-", {"staff": "une personne"}, "deux points"),
    Wrong("reference-example", "adm", "-", {"indicators": "9-Z-9 Inconnu"}, "9-Z-9"),
    Wrong("reference-example-add", "adm", "-", {"title": ""}, ""),
    Wrong("reference-account", "adm", "-", {"label": ""}, ""),
    Wrong("reference-kind", "adm", "-", {"validity_months": "un an"}, ""),
    Wrong("reference-model-whole draft", "adm", "-", {"text": "Rien d’un modèle"}, "aucun article"),
    Wrong("reference-model-article draft", "adm", "-", {"title": ""}, ""),
    Wrong("reference-rule", "adm", "-", {"ladder": "-60, demain"}, ""),
    Wrong("reference-email", "adm", "-", {"body": "Bonjour {{ variable_inconnue }}"}, "variable_inconnue"),
    Wrong("reference-territory", "adm", "-", {"counted_on": FUTURE, "count": "vingt"}, "", form="counted_on"),
]

# Forms without values, or whose values cannot be wrong.
NOTHING_TO_MISTYPE = {
    "demo-login": "a button for each account",
    "password-reset-confirm": "the form of password-change, once the link was followed",
    "convention-parties": "see tests/conventions: a delegation is chosen, not typed",
    "form-draft": "posted by a script: see tests/test_form_drafts.py",
    "report-general": "texts without constraint",
    "report-answers": "texts without constraint",
    "report-documents": "an upload, below",
    "reference-model": "see tests/test_reference_pages.py: a version is in preparation here",
    "reference-values": "see tests/test_reference_pages.py",
    "convention-article locked": "no form",
    "reference-model-article published": "no form",
    "reference-model-whole published": "no form",
    "sheet-delete": "a button",
    "verify": "two forms, a file in one: see tests/conventions/test_verification.py",
    "campaign-open": "a button",
    "calendar-address": "a button",
    "chorus": "an upload, then columns to choose: see tests/reporting/test_chorus.py",
    "chorus-record": "a button",
}
