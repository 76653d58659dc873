#!/bin/sh
# Puts the grammar's fragments together and runs Lemon over them: build.sh <output folder> <fragment>...
# -c keeps every reduction explicit: a default reduction would yield to the fallback to IDENT.
set -eu
out=$1
shift
cat "$@" > "$out/grammar.y"
exec lemon -q -c "-d$out" -T/usr/share/lemon/lempar.c "$out/grammar.y"
