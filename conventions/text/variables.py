"""The closed list of the variables that an article may name between double braces.

An article with another name cannot be saved, and such a name is never printed. A new variable needs code that gives its
value (`conventions/text/values.py` puts it in the version's content, under `values`).
"""

from dataclasses import dataclass
from enum import StrEnum

from conventions.enums import VariableType


class Source(StrEnum):
    """Where the value comes from, so where to send a person who must fill it in."""

    CONVENTION = "convention"
    SERVICE = "service"
    ARML = "arml"
    CYCLE = "cycle"
    PROGRAMME = "programme"


@dataclass(frozen=True)
class Variable:
    name: str
    kind: VariableType
    source: Source
    label: str
    optional: bool = False  # if it is empty, nothing is printed
    default: str = ""  # printed if it is empty
    inline: bool = False  # a list written in the sentence: "A, B et C"
    bullets: bool = True  # a list printed as bullets; otherwise one paragraph for each item

    @property
    def type(self) -> VariableType:
        """As the variables of a published model name it."""
        return self.kind


_ALL = (
    Variable("numero_convention", VariableType.TEXT, Source.CONVENTION, "numéro d’ordre attribué par le service"),
    Variable("annees_convention", VariableType.TEXT, Source.CYCLE, "période couverte, en clair"),
    Variable("derniere_annee", VariableType.TEXT, Source.CONVENTION, "dernière année, celle du terme"),
    Variable(
        "liste_annees_suivantes",
        VariableType.LIST,
        Source.CONVENTION,
        "années qui suivent la première, jusqu’à celle du terme",
        default="sans objet",
        inline=True,
    ),
    Variable("prefet_qualite", VariableType.TEXT, Source.SERVICE, "titre complet du préfet de région, article compris"),
    Variable("signataire_etat_nom", VariableType.TEXT, Source.SERVICE, "personne qui signe pour l’État"),
    Variable(
        "signataire_etat_qualite",
        VariableType.TEXT,
        Source.SERVICE,
        "fonction du signataire par délégation, sans article",
    ),
    Variable(
        "delegation_reference",
        VariableType.TEXT,
        Source.SERVICE,
        "nature et numéro de l’acte de délégation, article compris",
    ),
    Variable("date_delegation", VariableType.DATE, Source.SERVICE, "date de l’acte de délégation"),
    Variable("delegation_raa", VariableType.TEXT, Source.SERVICE, "référence de publication de la délégation"),
    Variable("service_nom", VariableType.TEXT, Source.SERVICE, "service de l’État, chef de file, article compris"),
    Variable("service_adresse", VariableType.TEXT, Source.SERVICE, "adresse du service, préposition comprise"),
    Variable("service_siret", VariableType.TEXT, Source.SERVICE, "SIRET du service de l’État"),
    Variable(
        "liste_services_cosignataires",
        VariableType.LIST,
        Source.CONVENTION,
        "services cosignataires : nom, représentant, territoire",
    ),
    Variable(
        "liste_signataires_services",
        VariableType.LIST,
        Source.CONVENTION,
        "nom et qualité de chaque signataire des services cosignataires",
    ),
    Variable("liste_repartition_services", VariableType.LIST, Source.CONVENTION, "part de chaque service par année"),
    Variable("region_nom", VariableType.TEXT, Source.CONVENTION, "collectivité régionale cosignataire"),
    Variable(
        "region_representant", VariableType.TEXT, Source.CONVENTION, "nom et qualité du représentant de la Région"
    ),
    Variable("date_deliberation_region", VariableType.DATE, Source.CONVENTION, "délibération de la Région"),
    Variable(
        "contribution_region_totale",
        VariableType.AMOUNT,
        Source.PROGRAMME,
        "contribution prévisionnelle de la Région sur la durée",
    ),
    Variable("arml_nom", VariableType.TEXT, Source.ARML, "dénomination statutaire de l’association, article compris"),
    Variable("arml_adresse", VariableType.TEXT, Source.ARML, "siège, préposition comprise"),
    Variable("arml_siret", VariableType.TEXT, Source.ARML, "SIRET de l’association"),
    Variable("arml_rna", VariableType.TEXT, Source.ARML, "numéro RNA"),
    Variable("arml_representant_nom", VariableType.TEXT, Source.ARML, "représentant légal qui signe"),
    Variable("arml_representant_qualite", VariableType.TEXT, Source.ARML, "qualité du représentant, sans article"),
    Variable("organe_deliberant", VariableType.TEXT, Source.ARML, "organe qui a délibéré, article compris"),
    Variable(
        "date_deliberation",
        VariableType.DATE,
        Source.ARML,
        "délibération approuvant le programme et autorisant la signature",
    ),
    Variable("arml_objet_statutaire", VariableType.TEXT, Source.ARML, "objet statutaire, repris des statuts"),
    Variable(
        "arml_projet_synthese", VariableType.TEXT, Source.PROGRAMME, "projet de l’association en quelques paragraphes"
    ),
    Variable("nombre_missions_locales", VariableType.TEXT, Source.ARML, "nombre de missions locales adhérentes"),
    Variable(
        "situation_labellisation",
        VariableType.TEXT,
        Source.ARML,
        "état de la démarche de labellisation de l’association",
    ),
    Variable(
        "territoire_libelle", VariableType.TEXT, Source.CONVENTION, "territoire dans la phrase, préposition comprise"
    ),
    Variable(
        "liste_territoires", VariableType.LIST, Source.CONVENTION, "régions et collectivités couvertes", inline=True
    ),
    Variable("loi_finances_reference", VariableType.TEXT, Source.CYCLE, "loi de finances de l’année, article compris"),
    Variable("instruction_reference", VariableType.TEXT, Source.CYCLE, "instruction de cadrage"),
    Variable("date_instruction", VariableType.DATE, Source.CYCLE, "date de l’instruction"),
    Variable("instruction_nor", VariableType.TEXT, Source.CYCLE, "numéro NOR de l’instruction"),
    Variable(
        "visas_complementaires",
        VariableType.LIST,
        Source.CONVENTION,
        "visas propres au territoire, un paragraphe chacun, sans puce",
        optional=True,
        bullets=False,
    ),
    Variable("date_demande_subvention", VariableType.DATE, Source.CONVENTION, "dépôt de la demande (CERFA 12156*06)"),
    Variable(
        "diagnostic_regional",
        VariableType.TEXT,
        Source.PROGRAMME,
        "constat partagé sur la jeunesse et l’emploi du territoire",
    ),
    Variable("liste_axes", VariableType.LIST, Source.CYCLE, "les trois axes du cycle"),
    Variable("liste_fiches_actions", VariableType.LIST, Source.PROGRAMME, "code et intitulé des actions, par axe"),
    Variable(
        "motif_axe_absent",
        VariableType.TEXT,
        Source.PROGRAMME,
        "raison de l’absence d’action sur un axe",
        default="sans objet",
    ),
    Variable(
        "accords_reversement",
        VariableType.TEXT,
        Source.CONVENTION,
        "reversements autorisés : action, bénéficiaire, montant",
        default="sans objet",
    ),
    Variable("date_effet", VariableType.DATE, Source.CONVENTION, "date de prise d’effet"),
    Variable("date_fin", VariableType.DATE, Source.CYCLE, "terme de la convention"),
    Variable("date_signature", VariableType.DATE, Source.CONVENTION, "date de signature manuscrite"),
    Variable("lieu_signature", VariableType.TEXT, Source.CONVENTION, "lieu de signature"),
    Variable("nombre_exemplaires", VariableType.TEXT, Source.CONVENTION, "nombre d’originaux en lettres"),
    Variable(
        "sommes_deja_versees", VariableType.AMOUNT, Source.CONVENTION, "versements de l’État déjà reçus pour l’année 1"
    ),
    Variable("cout_total", VariableType.AMOUNT, Source.PROGRAMME, "coût total éligible sur la durée"),
    Variable("liste_couts_annees", VariableType.LIST, Source.PROGRAMME, "coût éligible de chaque année"),
    Variable(
        "taux_charges_indirectes",
        VariableType.PERCENT,
        Source.CONVENTION,
        "forfait de charges indirectes, en part des dépenses directes",
    ),
    Variable("seuil_adaptation", VariableType.PERCENT, Source.CYCLE, "seuil au-delà duquel une adaptation est notable"),
    Variable(
        "date_limite_adaptation",
        VariableType.TEXT,
        Source.CYCLE,
        "jour et mois limites d’information sur les adaptations",
    ),
    Variable("taux_excedent", VariableType.PERCENT, Source.CYCLE, "excédent présumé raisonnable"),
    Variable(
        "contribution_totale", VariableType.AMOUNT, Source.CONVENTION, "contribution maximale prévisionnelle de l’État"
    ),
    Variable(
        "taux_contribution", VariableType.PERCENT, Source.CONVENTION, "part de l’État dans le coût total éligible"
    ),
    Variable(
        "liste_contributions_annees",
        VariableType.LIST,
        Source.CONVENTION,
        "contribution prévisionnelle de chaque année après la première, et sa part du coût",
    ),
    Variable(
        "liste_lignes_etat",
        VariableType.LIST,
        Source.CONVENTION,
        "lignes socle, complémentaire, spécifique par année et actions désignées",
    ),
    Variable("part_resultats", VariableType.PERCENT, Source.CYCLE, "part liée aux résultats"),
    Variable(
        "liste_indicateurs_part_resultats", VariableType.LIST, Source.CONVENTION, "indicateurs retenus pour cette part"
    ),
    Variable("avance_annee_1", VariableType.AMOUNT, Source.CONVENTION, "avance de l’année 1"),
    Variable("solde_annee_1", VariableType.AMOUNT, Source.CONVENTION, "solde de l’année 1"),
    Variable("date_limite_avance", VariableType.TEXT, Source.CYCLE, "jour et mois limites de l’avance"),
    Variable("taux_avance_max", VariableType.PERCENT, Source.CYCLE, "plafond de l’avance des années suivantes"),
    Variable("mission_budgetaire", VariableType.TEXT, Source.CYCLE, "mission du budget de l’État"),
    Variable("programme_numero", VariableType.TEXT, Source.CYCLE, "numéro du programme budgétaire"),
    Variable("programme_libelle", VariableType.TEXT, Source.CYCLE, "libellé du programme budgétaire"),
    Variable("action_budgetaire", VariableType.TEXT, Source.CYCLE, "action et sous-action"),
    Variable("domaine_fonctionnel", VariableType.TEXT, Source.SERVICE, "code Chorus du domaine fonctionnel"),
    Variable("activite_chorus", VariableType.TEXT, Source.CYCLE, "code Chorus de l’activité"),
    Variable("centre_financier", VariableType.TEXT, Source.SERVICE, "code Chorus du centre financier"),
    Variable("centre_couts", VariableType.TEXT, Source.SERVICE, "code Chorus du centre de coûts"),
    Variable("titulaire_compte", VariableType.TEXT, Source.ARML, "titulaire du compte bancaire"),
    Variable("iban", VariableType.TEXT, Source.ARML, "IBAN du compte"),
    Variable("bic", VariableType.TEXT, Source.ARML, "code BIC"),
    Variable("ordonnateur", VariableType.TEXT, Source.SERVICE, "ordonnateur de la dépense, article compris"),
    Variable("comptable_assignataire", VariableType.TEXT, Source.SERVICE, "comptable assignataire, article compris"),
    Variable("plateforme_nom", VariableType.TEXT, Source.CYCLE, "outil de gestion des conventions, article compris"),
    Variable(
        "date_limite_derniers_justificatifs",
        VariableType.DATE,
        Source.CONVENTION,
        "limite des documents de la dernière année",
    ),
    Variable(
        "date_cloture_exercice",
        VariableType.TEXT,
        Source.ARML,
        "jour et mois de clôture si l’exercice n’est pas l’année civile",
    ),
    Variable("duree_conservation", VariableType.TEXT, Source.CYCLE, "conservation des pièces"),
    Variable("mention_soutien", VariableType.TEXT, Source.CYCLE, "mention du soutien de l’État"),
    Variable("bloc_marque", VariableType.TEXT, Source.SERVICE, "bloc-marque à apposer, article contracté compris"),
    Variable("delai_information_evenement", VariableType.TEXT, Source.CYCLE, "préavis d’information sur un événement"),
    Variable(
        "contact_donnees_etat",
        VariableType.TEXT,
        Source.SERVICE,
        "contact pour les droits des personnes, administration",
    ),
    Variable(
        "contact_donnees_arml", VariableType.TEXT, Source.ARML, "contact pour les droits des personnes, association"
    ),
    Variable("delai_contradictoire", VariableType.TEXT, Source.CYCLE, "délai de réponse de l’association"),
    Variable("date_limite_bilan", VariableType.DATE, Source.CYCLE, "remise du bilan d’ensemble"),
    Variable("delai_prevenance_controle", VariableType.TEXT, Source.CYCLE, "préavis d’un contrôle sur place"),
    Variable(
        "liste_annexes_complementaires",
        VariableType.LIST,
        Source.CONVENTION,
        "annexes ajoutées, dont l’annexe V si l’article 4 ter est actif",
        optional=True,
    ),
    Variable("tribunal_administratif", VariableType.TEXT, Source.CONVENTION, "juridiction compétente, modifiable"),
    Variable(
        "tableau_sommaire_actions", VariableType.TABLE, Source.PROGRAMME, "sommaire des actions par axe et objectif"
    ),
    Variable("fiches_actions", VariableType.TABLE, Source.PROGRAMME, "fiches actions complètes"),
    Variable(
        "tableau_budget_comptes", VariableType.TABLE, Source.PROGRAMME, "charges et produits par compte et par année"
    ),
    Variable(
        "tableau_couts_actions", VariableType.TABLE, Source.PROGRAMME, "coût et part de l’État par action et par année"
    ),
    Variable("tableau_financeurs", VariableType.TABLE, Source.PROGRAMME, "financements par financeur, année et statut"),
    Variable(
        "tableau_echeancier", VariableType.TABLE, Source.CONVENTION, "versements de l’État, conditions, dates prévues"
    ),
    Variable("cles_repartition", VariableType.TEXT, Source.PROGRAMME, "clés de répartition des charges indirectes"),
    Variable("tableau_indicateurs", VariableType.TABLE, Source.PROGRAMME, "indicateurs, valeurs de départ et cibles"),
    Variable("methode_evaluation", VariableType.TEXT, Source.CONVENTION, "méthode, étapes et sources de l’évaluation"),
    Variable("liste_comite_pilotage", VariableType.LIST, Source.CONVENTION, "membres du comité de pilotage"),
    Variable("liste_pieces_jointes", VariableType.LIST, Source.CONVENTION, "autres pièces jointes", optional=True),
)


def _of_year(rank: int) -> tuple[Variable, ...]:
    firmness = "ferme" if rank == 1 else "prévisionnelle"
    return (
        Variable(f"annee_{rank}", VariableType.TEXT, Source.CYCLE, f"année {rank} de la convention"),
        Variable(f"cout_annee_{rank}", VariableType.AMOUNT, Source.PROGRAMME, f"coût éligible de l’année {rank}"),
        Variable(
            f"contribution_annee_{rank}",
            VariableType.AMOUNT,
            Source.CONVENTION,
            f"contribution {firmness} de l’année {rank}",
        ),
        Variable(
            f"taux_contribution_annee_{rank}",
            VariableType.PERCENT,
            Source.CONVENTION,
            f"part de l’État dans le coût de l’année {rank}",
        ),
    )


# The texts of every model may name the amounts of a year, those of an extension too. Four years at most (article 2.2)
# may touch a fifth calendar year.
OF_YEARS: dict[str, Variable] = {variable.name: variable for rank in range(1, 6) for variable in _of_year(rank)}
VARIABLES: dict[str, Variable] = {variable.name: variable for variable in _ALL} | OF_YEARS
