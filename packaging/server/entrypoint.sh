#!/bin/sh
# Starts one role of the server. The database's password comes from a secret, so it is in no file of ours.
# Settings: CRS_DATABASE_HOST, CRS_REDIS (a URL); both have defaults that fit compose.yaml and the Kubernetes manifests.
set -eu
password_file=/run/secrets/postgres_password
host=${CRS_DATABASE_HOST:-postgres}
redis=${CRS_REDIS:-redis://redis:6379/0}
if [ -r "$password_file" ]; then
    # The driver reads the password from PGPASSFILE: it is neither in the arguments nor in the environment.
    PGPASSFILE=/tmp/pgpass
    export PGPASSFILE
    (umask 077; printf '%s:5432:crs:crs:%s\n' "$host" "$(cat "$password_file")" > "$PGPASSFILE")
    set -- --database "postgresql://crs@$host:5432/crs" --redis "$redis" "$@"
fi
# The proxy in front ends TLS and says who asks; only private networks reach this container, so it is believed there.
settings=/var/lib/crs/server.toml
if [ ! -e "$settings" ]; then
    printf 'trusted_proxies = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]\nbehind_tls = true\nlog_aloud = "all"\n' > "$settings.$$"
    mv "$settings.$$" "$settings"
fi
exec crs server run --data-dir /var/lib/crs --host 0.0.0.0 --port 8080 --market demo "$@"
