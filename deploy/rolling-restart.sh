#!/bin/sh
# Riavvia una parte per volta, senza che un turno di chat fallisca: per un programma o una configurazione nuova.
# Da root, a servizio acceso: deploy/rolling-restart.sh [http://127.0.0.1:8080]
set -eu

WEB=${1:-http://127.0.0.1:8080}

until_ready() {
    for _ in $(seq 60); do
        python3 -c 'import json, sys, urllib.request as r; sys.exit(not json.load(r.urlopen(sys.argv[1]))["assistant"])' \
            "$WEB/ready" 2>/dev/null && return
        sleep 1
    done
    echo "Dopo $1 l'assistente non risponde: mi fermo qui." >&2
    exit 1
}

until_ready "l'avvio"
for unit in intercup-actions $(systemctl list-units --plain --no-legend --state=active 'intercup-rasa@*' | cut -d ' ' -f 1) intercup-web; do
    echo "$unit"
    before=$(pgrep -P "$(systemctl show -P MainPID "$unit")" || true)
    systemctl reload "$unit"
    # Il processo di Rasa, figlio di quello dell'unità, finisce quando un altro ne ha preso il posto.
    case $unit in *rasa*) timeout 120 tail --pid="$before" -f /dev/null ;; esac
    until_ready "$unit"
done
echo intercup-worker
systemctl restart intercup-worker
