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
    give_up "$1" "l'assistente non risponde"
}

# Il processo di Rasa, figlio di quello dell'unità, finisce quando un altro ne ha preso il posto.
until_replaced() {
    unit=$1
    shift
    for pid in "$@"; do
        timeout 320 tail -s 0.2 --pid="$pid" -f /dev/null || give_up "$unit" "il processo di prima è ancora in uso"
    done
}

give_up() {
    echo "Dopo $1 $2: mi fermo qui." >&2
    exit 1
}

until_ready "l'avvio"
for unit in intercup-actions $(systemctl list-units --plain --no-legend --state=active 'intercup-rasa@*' | cut -d ' ' -f 1) intercup-web; do
    echo "$unit"
    before=$(pgrep -P "$(systemctl show -P MainPID "$unit")" || true)
    systemctl reload "$unit"
    case $unit in *rasa*) until_replaced "$unit" $before ;; esac
    until_ready "$unit"
done
echo intercup-worker
systemctl restart intercup-worker
