"""Addresses of the application."""

from django.urls import path

from .views import (
    acts,
    articles,
    creation,
    detail,
    documents,
    funding,
    journal,
    listing,
    money,
    negotiation,
    outside_visas,
    parties,
    pieces,
    reference,
    signing,
    texts,
    verification,
    versions,
)

MODEL = "referentiels/<slug:cycle>/modele/"
CONVENTION = "conventions/<str:number>/"

urlpatterns = [
    # List and drafting
    path("conventions/", listing.convention_list, name="convention-list"),
    path("conventions/liste.csv", listing.convention_list_csv, name="convention-list-csv"),
    path("conventions/nouvelle/", creation.convention_create, name="convention-create"),
    path("conventions/reprise/", creation.convention_paper_create, name="convention-paper-create"),
    path(CONVENTION, detail.convention_detail, name="convention-detail"),
    path(f"{CONVENTION}parties/", parties.convention_parties, name="convention-parties"),
    path(f"{CONVENTION}informations/", texts.convention_values, name="convention-values"),
    path(f"{CONVENTION}contribution/", money.convention_contribution, name="convention-contribution"),
    path(f"{CONVENTION}financements/", funding.convention_funding, name="convention-funding"),
    path(f"{CONVENTION}financements/liste.csv", funding.convention_funding_csv, name="convention-funding-csv"),
    path(f"{CONVENTION}financements/enregistrer/", funding.funding_record, name="funding-record"),
    path(f"{CONVENTION}financements/<int:pk>/annuler/", funding.funding_void, name="funding-void"),
    path(f"{CONVENTION}financements/<int:pk>/piece/", funding.funding_file, name="funding-file"),
    path(f"{CONVENTION}articles/", articles.convention_articles, name="convention-articles"),
    path(f"{CONVENTION}articles/<slug:key>/", articles.convention_article, name="convention-article"),
    path(f"{CONVENTION}pieces/fichier/<int:pk>/", pieces.attachment_file, name="attachment-file"),
    path(f"{CONVENTION}pieces/<slug:kind>/", pieces.attachment_add, name="attachment-add"),
    path(f"{CONVENTION}original-papier/", pieces.convention_paper_original, name="convention-paper-original"),
    path(f"{CONVENTION}journal/", journal.convention_journal, name="convention-journal"),
    path(f"{CONVENTION}journal/liste.csv", journal.convention_journal_csv, name="convention-journal-csv"),
    path(f"{CONVENTION}journal/pdf/", journal.convention_journal_pdf, name="convention-journal-pdf"),
    # Acts after the first, and the text that they give
    path(f"{CONVENTION}actes/", acts.convention_acts, name="convention-acts"),
    path(f"{CONVENTION}actes/avenant/", acts.open_amendment, name="act-open-amendment"),
    path(f"{CONVENTION}actes/acte-financier/", acts.open_annual, name="act-open-annual"),
    path(f"{CONVENTION}actes/adaptation/", acts.open_notice, name="act-open-notice"),
    path(f"{CONVENTION}objet/", acts.act_terms, name="act-terms"),
    path(f"{CONVENTION}changements/", acts.act_changes, name="act-changes"),
    path(f"{CONVENTION}texte-en-vigueur/", acts.consolidated, name="convention-consolidated"),
    path(f"{CONVENTION}visite/", detail.convention_visit, name="convention-visit"),
    # Negotiation
    path(f"{CONVENTION}versions/", versions.versions, name="convention-versions"),
    path(f"{CONVENTION}versions/<int:n>/", negotiation.version, name="convention-version"),
    path(f"{CONVENTION}versions/<int:n>/production/", documents.progress, name="render-progress"),
    path(f"{CONVENTION}versions/<int:a>/<int:b>/", negotiation.compare_versions, name="convention-compare"),
    path(f"{CONVENTION}action/<slug:name>/", negotiation.transition, name="convention-transition"),
    path(f"{CONVENTION}visas-exterieurs/nouveau/", outside_visas.outside_visa_add, name="outside-visa-add"),
    path(f"{CONVENTION}visas-exterieurs/<int:pk>/fichier/", outside_visas.outside_visa_file, name="outside-visa-file"),
    path(
        f"{CONVENTION}visas-exterieurs/<int:pk>/retrait/",
        outside_visas.outside_visa_withdraw,
        name="outside-visa-withdraw",
    ),
    path(f"{CONVENTION}echanges/", versions.thread_create, name="thread-create"),
    path(f"{CONVENTION}echanges/<int:pk>/reponse/", versions.thread_reply, name="thread-reply"),
    path(f"{CONVENTION}echanges/<int:pk>/resolution/", versions.thread_resolve, name="thread-resolve"),
    path(f"{CONVENTION}echanges/<int:pk>/redaction/", versions.thread_propose, name="thread-propose"),
    path(f"{CONVENTION}echanges/<int:pk>/acceptation/", versions.thread_accept, name="thread-accept"),
    # Documents and signatures
    path("verification/", verification.verify, name="verify"),
    path(f"{CONVENTION}document.pdf", documents.best_document, name="convention-document"),
    path(f"{CONVENTION}documents/", documents.documents, name="convention-documents"),
    path(f"{CONVENTION}documents/<int:pk>/fichier/", documents.document_file, name="document-file"),
    path(f"{CONVENTION}signatures/<int:pk>/original/", documents.signature_file, name="signature-file"),
    path(f"{CONVENTION}signature/", signing.sign, name="convention-sign"),
    path(f"{CONVENTION}original/", signing.record_signature, name="convention-record-signature"),
    # The national model
    path(MODEL, reference.versions, name="reference-model"),
    path(MODEL + "<str:number>/", reference.version, name="reference-model-version"),
    path(MODEL + "<str:number>/texte/", reference.whole, name="reference-model-whole"),
    path(MODEL + "<str:number>/publier/", reference.publish, name="reference-model-publish"),
    path(MODEL + "<str:number>/abandonner/", reference.discard, name="reference-model-discard"),
    path(MODEL + "<str:number>/articles/<slug:key>/", reference.article, name="reference-model-article"),
]
