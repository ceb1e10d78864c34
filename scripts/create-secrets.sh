#!/usr/bin/env bash
# Makes the secrets of a deployment, a file each: create-secrets.sh [FOLDER [USER]]   (default: secrets, for user 1000)
#
# What is there stays as it is, so it may be run again at any time; to replace one, see docs/operations.md. The folder
# is closed to everybody else (700), so are the files (600). They are read by USER, which is 1000 in containers: run this
# as that user, or as root, who gives them to it.
set -euo pipefail
umask 077

names=(
    django_secret_key encryption_master_key postgres_password neo4j_password rabbitmq_password redis_password metrics_token
)
folder=${1:-secrets}
user=${2:-1000}
# 32 bytes in base64.
declare -A lengths=([encryption_master_key]=44)

# One line without its newline.
made() {
    case $1 in
        encryption_master_key) head -c 32 /dev/urandom | base64 | tr -d '\n' ;;
        *) random_text ;;
    esac
}

random_text() {
    # 64 letters and digits, some 380 bits; nothing that a URL, a shell or a configuration file would have to quote.
    LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c 64 || true
}

mkdir -p "$folder"
chmod 700 "$folder"
for name in "${names[@]}"; do
    file=$folder/$name
    if [[ -s $file ]]; then
        echo "$file: there"
    else
        # Renamed when whole: a full disk must not leave half a secret that counts as one.
        made "$name" >"$file.new"
        [[ $(wc -c <"$file.new") -eq ${lengths[$name]:-64} ]] || { echo "$file: could not be written" >&2; exit 1; }
        mv "$file.new" "$file"
        echo "$file: made"
    fi
    chmod 600 "$file"
done
if [[ $EUID -eq 0 ]]; then
    chown -R "$user" "$folder"
elif [[ $EUID -ne $(id -u "$user" 2>/dev/null || echo "$user") ]]; then
    echo "You are user $EUID, and containers read these as user $user: run this as root for them" >&2
fi
