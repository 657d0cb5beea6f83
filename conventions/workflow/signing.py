"""The transitions of the signature: opening, three ways to sign, notification, return to negotiation."""

from conventions import permissions as may
from conventions.agreement import accepted_by_both
from conventions.effects import signing as effects
from conventions.enums import ConventionState as State
from conventions.guards.complete import nothing_missing
from conventions.guards.money import keeps_committed
from conventions.guards.signing import (
    all_signed,
    may_decline_now,
    may_deposit_now,
    may_record_now,
    may_sign_now,
    may_withdraw_now,
    no_other_signature,
    not_all_signed,
    not_to_decline,
    not_to_deposit,
    not_to_record,
    not_to_reopen,
    not_to_sign,
    not_to_withdraw,
)
from conventions.guards.versions import version_is_live, version_is_settled, version_prints_complete
from conventions.guards.visas import visas_given
from cpo.lib.wording import french
from cpo.lib.workflow import Transition

from .reasons import not_accepted

SIGNING = (
    Transition(
        name="open_signature",
        label="Ouvrir la signature",
        sources=frozenset({State.NEGOTIATION}),
        target=State.SIGNATURE,
        who=may.lead_manager,
        when=lambda act, actor: accepted_by_both(act),
        not_now=not_accepted,
        guards=(
            version_is_live,
            version_prints_complete,
            version_is_settled,
            nothing_missing,
            no_other_signature,
            visas_given,
        ),
        effect=effects.open_signature,
        sentence=lambda act, actor, data: f"{actor.name} ouvre la signature de la version {data['version'].number}.",
        consequence="Le document définitif est produit une seule fois à partir de la version acceptée. "
        "Plus rien ne se modifie ; les signataires sont prévenus par courriel.",
        rank=10,
    ),
    Transition(
        name="sign",
        label="Signer",
        sources=frozenset({State.SIGNATURE}),
        target=None,
        who=may.signatory,
        when=may_sign_now,
        not_now=not_to_sign,
        effect=effects.sign,
        sentence=lambda act, actor, data: (
            f"{data['signature'].signatory_name} signe pour {actor.organisation.in_sentence} dans l’application."
        ),
        consequence="Signature simple : identité vérifiée à nouveau, document ouvert, code à usage unique.",
        rank=5,
        own_page=True,
    ),
    Transition(
        name="record_signature",
        label="Déposer un original signé",
        sources=frozenset({State.SIGNATURE}),
        target=None,
        who=may.recorder,
        when=may_record_now,
        not_now=not_to_record,
        effect=effects.record_signature,
        sentence=lambda act, actor, data: (
            f"{actor.name} dépose l’original signé "
            f"par {data['signature'].signatory_name} pour {data['signature'].party.organisation.in_sentence}."
        ),
        consequence="La référence et l’empreinte imprimées sur le papier sont comparées au document à signer.",
        rank=30,
        own_page=True,
    ),
    Transition(
        name="deposit_signature",
        label="Déposer le PDF signé",
        sources=frozenset({State.SIGNATURE}),
        target=None,
        who=may.depositor,
        when=may_deposit_now,
        not_now=not_to_deposit,
        effect=effects.deposit_signature,
        sentence=lambda act, actor, data: (
            f"{actor.name} dépose le PDF signé avec un certificat "
            f"par {data['signature'].signatory_name} pour {data['signature'].party.organisation.in_sentence}."
        ),
        consequence="Le fichier est comparé octet par octet au document à signer, et le certificat vérifié.",
        rank=25,
        own_page=True,
    ),
    Transition(
        name="decline_signature",
        label="Refuser de signer",
        sources=frozenset({State.SIGNATURE}),
        target=None,
        who=may.signatory,
        when=may_decline_now,
        not_now=not_to_decline,
        effect=effects.decline,
        sentence=lambda act, actor, data: f"{actor.name} refuse de signer pour {actor.organisation.in_sentence}.",
        comment="required",
        comment_label="Motif du refus",
        consequence="La signature est suspendue et les deux parties reçoivent votre motif. "
        "La personne responsable du service chef de file peut rouvrir la négociation, ce qui annule le document. "
        "Tant qu’elle ne l’a pas fait, vous pouvez encore signer, ce qui lève votre refus.",
        rank=84,
        dangerous=True,
    ),
    Transition(
        name="withdraw_signature",
        label="Retirer notre signature",
        sources=frozenset({State.SIGNATURE}),
        target=State.NEGOTIATION,
        who=may.withdrawer,
        when=may_withdraw_now,
        not_now=not_to_withdraw,
        effect=effects.reopen,
        sentence=lambda act, actor, data: (
            f"{actor.name} retire la signature {french.of(actor.organisation.in_sentence)} : le document est annulé."
        ),
        comment="required",
        comment_label="Motif du retrait",
        consequence="Possible tant qu’une autre partie n’a pas signé. "
        "Le document et les signatures déjà données sont annulés, les acceptations aussi ; "
        "la négociation reprend, et la main revient au service de l’État.",
        rank=85,
        dangerous=True,
    ),
    Transition(
        name="notify",
        label="Notifier la convention signée",
        sources=frozenset({State.SIGNATURE}),
        target=State.ACTIVE,
        who=may.lead_officer,
        when=lambda act, actor: all_signed(act),
        guards=(keeps_committed,),
        effect=effects.notify,
        sentence=lambda act, actor, data: (
            f"{actor.name} notifie {act.name_in_sentence}, en vigueur à sa date d’effet."
            if act.number
            else f"{actor.name} notifie la convention signée : elle est en exécution."
        ),
        consequence="La convention entre en vigueur, son contenu est figé, "
        "les deux parties sont prévenues et le calendrier des échéances s’ouvre.",
        rank=5,
    ),
    Transition(
        name="reopen",
        label="Revenir en négociation",
        sources=frozenset({State.SIGNATURE}),
        target=State.NEGOTIATION,
        who=may.lead_manager,
        when=not_all_signed,
        not_now=not_to_reopen,
        effect=effects.reopen,
        sentence=lambda act, actor, data: f"{actor.name} revient en négociation : le document est annulé.",
        comment="required",
        comment_label="Motif du retour en négociation",
        consequence="Le document et les signatures déjà données sont annulés, les acceptations aussi. "
        "La main revient au service de l’État.",
        rank=80,
        dangerous=True,
    ),
)
