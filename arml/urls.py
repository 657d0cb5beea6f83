"""Addresses of organisations and people: accounts, invitations, organisations, messages of the demonstration."""

from django.urls import path

from .views import accounts, demo, invitations, organisations, people, territories

urlpatterns = [
    path("connexion/", accounts.login_page, name="login"),
    path("connexion/demonstration/", demo.login_as, name="demo-login"),
    path("deconnexion/", accounts.logout_now, name="logout"),
    path("mot-de-passe/oublie/", accounts.password_reset, name="password-reset"),
    path("mot-de-passe/oublie/envoye/", accounts.password_reset_done, name="password-reset-done"),
    path(
        "mot-de-passe/nouveau/<uidb64>/<token>/", accounts.PasswordResetConfirm.as_view(), name="password-reset-confirm"
    ),
    path("mon-compte/", accounts.account, name="account"),
    path("mon-compte/mot-de-passe/", accounts.password_change, name="password-change"),
    path("mon-compte/nom/", accounts.name_change, name="name-change"),
    path("mon-compte/adresse/", accounts.address_change, name="address-change"),
    path("mon-compte/adresse/<str:token>/", accounts.address_confirm, name="address-confirm"),
    path("mon-compte/messages/", accounts.preferences, name="preferences"),
    path("invitation/<str:token>/", invitations.accept, name="invitation-accept"),
    path("organisations/", organisations.organisation_list, name="organisation-list"),
    path("organisations/<slug:key>/", organisations.detail, name="organisation-detail"),
    path("organisations/<slug:key>/modifier/", organisations.edit, name="organisation-edit"),
    path("organisations/<slug:key>/delegations/ajouter/", organisations.delegation, name="delegation-add"),
    path("organisations/<slug:key>/delegations/<whole:pk>/", organisations.delegation, name="delegation-edit"),
    path("organisations/<slug:key>/personnes/inviter/", people.invite, name="invitation-add"),
    path("organisations/<slug:key>/invitations/<whole:pk>/relancer/", people.resend, name="invitation-resend"),
    path("organisations/<slug:key>/invitations/<whole:pk>/retirer/", people.withdraw, name="invitation-withdraw"),
    path("organisations/<slug:key>/personnes/<whole:pk>/modifier/", people.change_role, name="role-change"),
    path("organisations/<slug:key>/personnes/<whole:pk>/fin/", people.end_role, name="role-end"),
    path("organisations/<slug:key>/personnes/<whole:pk>/mandat/", people.mandate, name="mandate"),
    path("referentiels/territoires/", territories.territories, name="reference-territories"),
    path("referentiels/territoires/<slug:code>/", territories.territory, name="reference-territory"),
    path("demo/courriels/", demo.mail_list, name="demo-mail-list"),
    path("demo/courriels/<whole:pk>/", demo.mail_detail, name="demo-mail"),
]
