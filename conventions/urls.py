"""Addresses of the application."""

from django.urls import path

from .views import reference

MODEL = "referentiels/<slug:cycle>/modele/"

urlpatterns = [
    path(MODEL, reference.versions, name="reference-model"),
    path(MODEL + "<str:number>/", reference.version, name="reference-model-version"),
    path(MODEL + "<str:number>/texte/", reference.whole, name="reference-model-whole"),
    path(MODEL + "<str:number>/publier/", reference.publish, name="reference-model-publish"),
    path(MODEL + "<str:number>/abandonner/", reference.discard, name="reference-model-discard"),
    path(MODEL + "<str:number>/articles/<slug:key>/", reference.article, name="reference-model-article"),
]
