#!/bin/sh
# Installa InterCup Assistenza su una Debian 12 nuova, con PostgreSQL, systemd e nginx. Da root, nella cartella
# del progetto: deploy/install.sh intercup.example.it
# Si può ripetere: chiavi, segreti e configurazione che esistono già restano come sono.
set -eu

HOST=${1:?uso: deploy/install.sh NOME_DEL_SITO}
SOURCE=$(cd "$(dirname "$0")/.." && pwd)
PLACE=/opt/intercup
CONFIG=/etc/intercup
SECRETS=$CONFIG/credentials
DATA=/var/lib/intercup
umask 077

step() { printf '\n== %s\n' "$1"; }

# Scrive lo standard input in un file, se il file non esiste.
write_once() { [ -e "$1" ] && cat >/dev/null || cat >"$1"; }

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

step "Pacchetti"
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq install -y --no-install-recommends \
    make git ca-certificates openssl procps python3 python3-venv build-essential pkg-config libxmlsec1-dev \
    postgresql pgbackrest nginx-light >/dev/null

step "Utente e programma in $PLACE"
id intercup >/dev/null 2>&1 || useradd --system --home-dir $DATA --shell /usr/sbin/nologin intercup
install -d -m 755 $PLACE
(cd "$SOURCE" && git archive HEAD) | tar -x -C $PLACE
# Python e pacchetti stanno in $PLACE, leggibili dall'utente del servizio.
(umask 022 && cd $PLACE && UV_PYTHON_INSTALL_DIR=$PLACE/.python UV_PYTHON_PREFERENCE=${UV_PYTHON_PREFERENCE:-only-managed} make setup train)
chmod -R a+rX,go-w $PLACE

step "PostgreSQL"
cd /  # dove anche postgres può entrare
pg_ctlcluster 15 main start 2>/dev/null || true
until runuser -u postgres -- pg_isready -q; do sleep 1; done
install -d -m 755 $CONFIG
install -d -m 700 $SECRETS
PASSWORD=$(random)
if [ ! -e $SECRETS/database_url ]; then
    runuser -u postgres -- psql -qv ON_ERROR_STOP=1 <<SQL
CREATE ROLE intercup LOGIN PASSWORD '$PASSWORD';
CREATE DATABASE intercup OWNER intercup ENCODING 'UTF8' TEMPLATE template0;
SQL
    echo "postgresql+asyncpg://intercup:$PASSWORD@127.0.0.1/intercup" >$SECRETS/database_url
fi

step "Segreti e configurazione in $CONFIG"
random | write_once $SECRETS/secret_key
random | write_once $SECRETS/rasa_secret
echo "smtps://utente:password@relay.example.it" | write_once $SECRETS/smtp_url
umask 022
[ -e $CONFIG/administration.yaml ] || cp "$SOURCE/config/administration.yaml" $CONFIG/
write_once $CONFIG/intercup.toml <<TOML
profile = "production"
administration_file = "/etc/intercup/administration.yaml"
base_url = "https://$HOST"
http_proxies = 1
mail_from = "assistenza@$HOST"
rasa_processes = 2
metrics_port = 9410
TOML
install -d -m 700 -o intercup -g intercup $DATA

step "Unità di systemd, nginx, copie"
cp -r "$SOURCE"/deploy/systemd/. /etc/systemd/system/
[ -e /etc/pgbackrest.conf.intercup ] || { cp "$SOURCE/deploy/pgbackrest.conf" /etc/pgbackrest.conf; touch /etc/pgbackrest.conf.intercup; }
install -d /etc/pgbackrest/conf.d
printf '[global]\nrepo1-cipher-pass=%s\n' "$(random)" |
    (umask 077 && write_once /etc/pgbackrest/conf.d/intercup-key.conf)
chown postgres: /etc/pgbackrest/conf.d/intercup-key.conf
install -d /etc/nginx/intercup-errors
cp "$SOURCE"/deploy/nginx/errors/*.html /etc/nginx/intercup-errors/
[ -e /etc/nginx/sites-available/intercup ] ||
    sed "s/intercup\.example\.it/$HOST/" "$SOURCE/deploy/nginx/intercup.conf" >/etc/nginx/sites-available/intercup
ln -sf ../sites-available/intercup /etc/nginx/sites-enabled/intercup
rm -f /etc/nginx/sites-enabled/default
if [ ! -e /etc/ssl/intercup/privkey.pem ]; then
    install -d -m 700 /etc/ssl/intercup
    openssl req -x509 -newkey rsa:3072 -nodes -days 30 -subj "/CN=$HOST" -addext "subjectAltName=DNS:$HOST" \
        -keyout /etc/ssl/intercup/privkey.pem -out /etc/ssl/intercup/fullchain.pem 2>/dev/null
fi
nginx -t -q
if [ -d /run/systemd/system ]; then systemctl daemon-reload && systemctl reload-or-restart nginx; fi

step "Resta da fare"
cat <<TEXT
1. $SECRETS/smtp_url: indirizzo del relay; $CONFIG/intercup.toml: mail_from, alarm_to, dati di SPID;
   $CONFIG/administration.yaml: dati dell'amministrazione (INTERCUP_CONFIG_FILE=$CONFIG/intercup.toml intercup check-config)
2. /etc/ssl/intercup: un certificato vero al posto di quello di prova (30 giorni)
3. chiavi e metadati di SPID in $DATA/spid: docs/identity.md
4. copie: docs/operations.md, «Copie di PostgreSQL»; la chiave delle copie,
   /etc/pgbackrest/conf.d/intercup-key.conf, va custodita anche altrove
5. systemctl enable --now intercup.target
TEXT
