# Tout se lance d'ici ; « make help » explique. Rien d'autre n'est requis que Python 3.11 ou plus récent, git et make.

PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000
export PORT

.DEFAULT_GOAL := help
.PHONY: help run setup test test-slow e2e mutants bench check format requirements reset venv system

help: ## affiche cette aide
	@echo "Conventions pluriannuelles d'objectifs État-ARML"
	@sed -nE 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 22
	@echo "Variables : PORT (8000), DATABASE_URL, REDIS_URL (remplacent les serveurs embarqués), DEBUG=1 (rechargement du code)."

run: venv ## sert l'application sur http://127.0.0.1:8000 (PORT) avec données de démonstration ; Ctrl-C arrête tout
	@$(BIN)/python -m cpo.dev.runner run

setup: venv ## prépare tout (paquets, base migrée, référentiels et démonstration), sans rien laisser tourner
	@$(BIN)/python -m cpo.dev.runner setup

test: venv ## prouve chaque règle, en vingt à trente minutes de deux cœurs (docs/testing.md)
	@$(BIN)/python -m cpo.dev.system test
	@$(BIN)/pytest -q -n auto -m "not slow" $(ARGS)

test-slow: venv ## lance ce qui est exhaustif : chaque personne, chaque état, parcours entiers
	@$(BIN)/python -m cpo.dev.system test
	@$(BIN)/pytest -q -n auto -m slow $(ARGS)

mutants: venv ## casse chaque règle de tests/mutants/mutants.toml, une à la fois : le test nommé doit échouer
	@$(BIN)/python -m cpo.dev.system test
	@$(BIN)/python -m tests.mutants $(ARGS)

e2e: venv ## lance les seuls parcours dans le navigateur
	@$(BIN)/python -m cpo.dev.system test
	@$(BIN)/pytest -q tests/e2e $(ARGS)

bench: venv ## mesure les pages et le PDF, en multiples d'une page minimale (docs/performance.md) ; ARGS="--help"
	@$(BIN)/python -m tests.bench $(ARGS)

check: venv ## vérifie le code : ruff, djlint, mypy, import-linter, migrations manquantes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/djlint --check --quiet templates
	DATABASE_URL=postgres://unused@unused/unused $(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python manage.py makemigrations --check --dry-run

format: venv ## met le code et les gabarits en forme
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djlint --reformat --quiet templates || true # it says 1 when it changed something

requirements: venv ## recalcule les versions figées, avec leurs empreintes
	for name in base dev; do $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --upgrade --quiet \
	  --no-emit-index-url --no-emit-find-links --no-header requirements/$$name.in -o requirements/$$name.txt || exit 1; done

reset: venv ## efface la base embarquée et les fichiers déposés de ce dossier
	@$(BIN)/python -m cpo.dev.runner reset

# Compared by content: a checkout that changes dates installs nothing. The copy is written last, so that an installation
# cut short is taken up again.
venv:
	@cmp -s requirements/dev.txt .venv/installed.txt || { \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 ou plus récent est requis.")' && \
	  echo "Installation des paquets Python dans .venv…" && \
	  $(PYTHON) -m venv .venv && \
	  $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/dev.txt && \
	  cp requirements/dev.txt .venv/installed.txt; }
