#!/bin/sh
# Try the installation in a clean Debian 12: debootstrap, deploy/install.sh twice, then a boot in which every unit
# starts, a chat turn is answered through nginx, a request is mailed to a relay with TLS, PostgreSQL is copied and no
# turn fails while each part is restarted.
# As root, about 10 minutes:
#   tests/deploy/clean_root.sh NEW_FOLDER
# Needs debootstrap and systemd-container. Where uv can't fetch Python, PYTHONS names folders with 3.13 and 3.10;
# UV_CACHE_DIR may name a cache of uv to begin with.
set -eu

ROOT=${1:?usage: clean_root.sh NEW_FOLDER}
SOURCE=$(cd "$(dirname "$0")/../.." && pwd)
HOST=intercup.example.it
MOUNTS="proc sys dev"

unmounted() { for each in root/.cache/uv dev sys proc; do umount -lR "$ROOT/$each" 2>/dev/null || true; done; }
trap unmounted EXIT
trap 'exit 1' HUP INT TERM

echo "== debootstrap"
debootstrap --variant=minbase --include=ca-certificates,systemd,systemd-sysv,dbus,procps,curl \
    bookworm "$ROOT" http://deb.debian.org/debian >"$ROOT.log"
echo force-unsafe-io >"$ROOT/etc/dpkg/dpkg.cfg.d/unsafe-io"
cp /etc/resolv.conf "$ROOT/etc/resolv.conf"
cp /etc/ssl/certs/ca-certificates.crt "$ROOT/etc/ssl/certs/ca-certificates.crt"
search=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
for python in ${PYTHONS:-}; do
    mkdir -p "$ROOT/opt/pythons"
    cp -a "$python" "$ROOT/opt/pythons/"
    search="/opt/pythons/${python##*/}/bin:$search"
    echo "/opt/pythons/${python##*/}/lib" >>"$ROOT/etc/ld.so.conf.d/pythons.conf"
done
git clone -q "$SOURCE" "$ROOT/root/intercup"
for each in $MOUNTS; do mount --rbind "/$each" "$ROOT/$each" && mount --make-rslave "$ROOT/$each"; done
if [ "${UV_CACHE_DIR:-}" ]; then
    mkdir -p "$ROOT/root/.cache/uv"
    mount --bind "$UV_CACHE_DIR" "$ROOT/root/.cache/uv"
fi
chroot "$ROOT" ldconfig
for time in first second; do
    echo "== install.sh, the $time time"
    env -u UV_CACHE_DIR HOME=/root PATH="$search" UV_LINK_MODE=copy ${PYTHONS:+UV_PYTHON_PREFERENCE=only-system} \
        chroot "$ROOT" /root/intercup/deploy/install.sh $HOST
done
chroot "$ROOT" pg_ctlcluster 15 main stop # which the boot would find at its files
unmounted

echo "== boot"
cat >"$ROOT/root/check.sh" <<'CHECK'
#!/bin/sh
exec >/root/check.log 2>&1
set -ex
cd /opt/intercup
as_service() {
    runuser -u intercup -- env INTERCUP_CONFIG_FILE=/etc/intercup/intercup.toml INTERCUP_DATA_DIR=/var/lib/intercup "$@"
}
# What the administration has to fill in: without it nothing starts.
cp config/examples/administration.yaml /etc/intercup/administration.yaml
as_service .venv/bin/intercup spid certificate --days 730
as_service .venv/bin/intercup spid register key
as_service mkdir -p /var/lib/intercup/spid/providers
systemctl start intercup.target
for second in $(seq 120); do
    curl -s http://127.0.0.1:8080/ready | grep -q '"assistant": true' && break
    sleep 1
done
curl -s http://127.0.0.1:8080/health
ask() { curl -skf --resolve intercup.example.it:443:127.0.0.1 -b /root/jar -c /root/jar "$@"; }
ask "https://intercup.example.it/chat/session?page=home" >/dev/null
ask -H 'Content-Type: application/json' -H 'Origin: https://intercup.example.it' \
    -d '{"id":"7f2c1b9e-3f0a-4d6b-9c39-0a3de9f0a001","text":"non riesco ad accedere al portale"}' \
    https://intercup.example.it/chat/messages | grep -q 'Mi dispiace'
cp /etc/ssl/intercup/fullchain.pem /usr/local/share/ca-certificates/intercup.crt
update-ca-certificates
echo "127.0.0.1 intercup.example.it" >>/etc/hosts
.venv/bin/python -m tests.deploy.mailed_request intercup.example.it
for part in web worker actions rasa@5005 rasa@5006; do systemctl is-active "intercup-$part"; done
sed -i "s/^#*archive_mode.*/archive_mode = on/
s|^#*archive_command.*|archive_command = 'pgbackrest --stanza=intercup archive-push %p'|" \
    /etc/postgresql/15/main/postgresql.conf
systemctl restart postgresql@15-main
runuser -u postgres -- pgbackrest --stanza=intercup stanza-create
systemctl start intercup-backup
test "$(head -c 8 /var/lib/pgbackrest/backup/intercup/backup.info)" = Salted__
# A citizen chats while each part is restarted: every turn is answered.
chat() {
    while [ ! -e /root/over ]; do
        ask -w '\n%{http_code}\n' -H 'Content-Type: application/json' -H 'Origin: https://intercup.example.it' \
            -d "{\"id\":\"$(cat /proc/sys/kernel/random/uuid)\",\"text\":\"grazie mille\"}" \
            https://intercup.example.it/chat/messages || echo "no answer"
        sleep 0.7
    done
}
set +x
chat >/root/turns 2>&1 &
set -x
pids() { for part in web actions worker; do systemctl show -P MainPID "intercup-$part"; done; }
pids >/root/before
deploy/rolling-restart.sh
pids >/root/after
touch /root/over
wait
grep -Fxf /root/before /root/after && exit 1
echo "turns: $(grep -cx 200 /root/turns)"
grep -E '^[345][0-9][0-9]$|no answer|curl:|"retry": true' /root/turns && exit 1
for part in web worker actions rasa@5005 rasa@5006; do systemctl is-active "intercup-$part"; done
# A main process that isn't systemd's first child is restarted all the same.
kill -STOP "$(systemctl show -P MainPID intercup-web)"
sleep 30
ask https://intercup.example.it/ >/dev/null
test -z "$(systemctl --failed --no-legend)"
echo "all is well"
CHECK
chmod +x "$ROOT/root/check.sh"
cat >"$ROOT/etc/systemd/system/check.service" <<'UNIT'
[Unit]
After=multi-user.target
[Service]
Type=oneshot
TimeoutStartSec=600
ExecStart=/root/check.sh
ExecStopPost=/bin/systemctl poweroff
[Install]
WantedBy=graphical.target
UNIT
chroot "$ROOT" systemctl -q enable check.service
# Without a network: no port of this machine is taken.
timeout 900 systemd-nspawn -q -D "$ROOT" --private-network --register=no --keep-unit --boot </dev/null >>"$ROOT.log"
cat "$ROOT/root/check.log"
tail -n 1 "$ROOT/root/check.log" | grep -qx "all is well"
