#!/usr/bin/env bash
# Make again what others wrote and we serve: D3's modules, fonts, and axe-core for the tests. Needs Node 20 and npm.
# The result is committed, so nobody who runs Linernotes needs this. A new version: change scripts/vendor/package.json,
# run "npm install" there, then this.
#
#   scripts/vendor.sh           make the files and SHA256SUMS
#   scripts/vendor.sh --check   make them again in a temporary folder and compare
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cp scripts/vendor/package.json scripts/vendor/package-lock.json "$scratch"
(cd "$scratch" && npm ci --no-audit --no-fund --ignore-scripts --silent)
modules=$scratch/node_modules
out=$scratch/out
mkdir -p "$out/static/vendor" "$out/static/fonts" "$out/tests/pages/vendor"

bundle() { # NAME STATEMENT: what of which modules goes into static/vendor/NAME
    printf '%s\n' "$2" >"$scratch/entry.js"
    (cd "$scratch" && "$modules/.bin/esbuild" entry.js --bundle --minify --format=esm --legal-comments=none \
        --log-level=warning "--outfile=$out/static/vendor/$1")
}

bundle d3-zoom.js 'export { select } from "d3-selection"; export { zoom, zoomIdentity } from "d3-zoom";'
bundle d3-force.js 'export { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from "d3-force";'
for name in color dispatch drag ease force interpolate quadtree selection timer transition zoom; do
    printf 'd3-%s %s\n\n' "$name" "$(node -p "require('$modules/d3-$name/package.json').version")"
    cat "$modules/d3-$name/LICENSE"
    printf '\n\n'
done >"$out/static/vendor/LICENSES.txt"

copy_fonts() { # PACKAGE SUFFIX SCRIPT...: the fonts of some scripts into static/fonts
    for script in "${@:3}"; do
        cp "$modules/$1/files/${1#*/}-$script-$2.woff2" "$out/static/fonts/"
    done
}

# Text is set in several weights; headings and the notes in one each, which takes less than half the bytes.
copy_fonts @fontsource-variable/sofia-sans wght-normal latin latin-ext cyrillic greek
copy_fonts @fontsource-variable/sofia-sans-condensed wght-normal latin latin-ext cyrillic greek
copy_fonts @fontsource/sofia-sans-extra-condensed 800-normal latin latin-ext cyrillic greek
copy_fonts @fontsource/source-serif-4 400-normal latin cyrillic
copy_fonts @fontsource/source-serif-4 400-italic latin
copy_fonts @fontsource/source-serif-4 700-normal latin cyrillic
cp "$modules/@fontsource-variable/sofia-sans/LICENSE" "$out/static/fonts/sofia-sans-LICENSE.txt"
cp "$modules/@fontsource/source-serif-4/LICENSE" "$out/static/fonts/source-serif-4-LICENSE.txt"

cp "$modules/axe-core/axe.min.js" "$out/tests/pages/vendor/"
cp "$modules/axe-core/LICENSE" "$out/tests/pages/vendor/axe-core-LICENSE.txt"

chmod -R u=rwX,go=rX "$out"
(cd "$out" && find . -type f | sort | xargs sha256sum) | sed 's# \./# #' >"$scratch/SHA256SUMS"
if [[ ${1:-} == --check ]]; then
    diff "$root/scripts/vendor/SHA256SUMS" "$scratch/SHA256SUMS"
    sha256sum --check --quiet scripts/vendor/SHA256SUMS
else
    cp -r "$out/." "$root/"
    cp "$scratch/SHA256SUMS" scripts/vendor/SHA256SUMS
fi
