#!/usr/bin/env bash
# Makes the folder of the dump files for docker-compose.yml and gives it to the containers: create-folders.sh [FOLDER]
#
# Without FOLDER it is DUMPS_DIR of the environment or of .env, else discogs-data. Containers write it as user 1000, so
# run this as that user or as root. What is there stays; what belongs to others is given to user 1000, if root runs this.
set -euo pipefail

container_user=1000

of_env_file() {
    if [[ -r .env ]]; then sed -n "s/^DUMPS_DIR=//p" .env | tail -n 1; fi
}

folder=${1:-${DUMPS_DIR:-$(of_env_file)}}
folder=${folder:-discogs-data}
mkdir -p "$folder/musicbrainz"
if [[ $EUID -eq 0 ]]; then
    chown -R "$container_user:$container_user" "$folder"
elif [[ -n $(find "$folder" ! -uid "$container_user" -print -quit) ]]; then
    echo "$folder has files of other users than $container_user, as whom the containers run: run this as root" >&2
    exit 1
fi
echo "$folder: ready"
