#!/usr/bin/env bash
# Writes a backup of PostgreSQL and keeps the newest ones: backup.sh FOLDER [COMMAND …]
#
# COMMAND writes it to its output; without one it is pg_dump on the database of the settings. With Docker Compose:
#   backup.sh /var/backups/linernotes docker compose exec -T postgres pg_dump --username=linernotes --format=custom linernotes
# BACKUPS_KEEP, 14, is how many are kept. One that fails leaves the older ones as they are, and status 1.
set -euo pipefail
umask 077

folder=${1:?usage: backup.sh FOLDER [COMMAND …]}
shift
keep=${BACKUPS_KEEP:-14}
[[ $keep =~ ^[1-9][0-9]*$ ]] || { echo "BACKUPS_KEEP is $keep: give a number, such as 14" >&2; exit 1; }
checkout=$(dirname "$(dirname "$(readlink -f "$0")")")
if [[ $# -eq 0 ]]; then set -- "$checkout/.venv/bin/python" "$checkout/manage.py" pg pg_dump --format=custom; fi

mkdir -p "$folder"
file=$folder/linernotes-$(date --utc +%Y%m%dT%H%M%SZ).dump
trap 'rm -f "$file.new"' EXIT
"$@" >"$file.new"
# What every dump in pg_dump's own format begins with.
[[ $(head -c 5 "$file.new") == PGDMP ]] || { echo "The command wrote no backup: $*" >&2; exit 1; }
sync "$file.new"
mv "$file.new" "$file"
echo "$file: $(du -h "$file" | cut -f1)"

mapfile -t old < <(find "$folder" -maxdepth 1 -name 'linernotes-*.dump' -printf '%p\n' | sort --reverse | tail -n "+$((keep + 1))")
if [[ ${#old[@]} -gt 0 ]]; then rm -- "${old[@]}"; fi
