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

sofia=(latin latin-ext cyrillic greek)
for width in sofia-sans sofia-sans-condensed sofia-sans-extra-condensed; do
    for script in "${sofia[@]}"; do
        cp "$modules/@fontsource-variable/$width/files/$width-$script-wght-normal.woff2" "$out/static/fonts/"
    done
done
for file in latin-wght-normal latin-wght-italic cyrillic-wght-normal; do
    cp "$modules/@fontsource-variable/source-serif-4/files/source-serif-4-$file.woff2" "$out/static/fonts/"
done
for name in sofia-sans source-serif-4; do
    cp "$modules/@fontsource-variable/$name/LICENSE" "$out/static/fonts/$name-LICENSE.txt"
done

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
