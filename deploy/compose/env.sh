#!/bin/sh
# Makes .env beside this file of .env.example, with a random value for everything that has to be set.
# What is set in .env already stays as it is: after an upgrade it adds what is new.
set -eu
cd "$(dirname "$0")"
umask 077

[ -e .env ] || cp .env.example .env
made=0
for name in $(sed -n 's/^\([A-Z_]*\)=$/\1/p' .env.example); do
    if ! grep -q "^$name=." .env; then
        # Letters and digits: it becomes part of addresses.
        VALUE=$(od -A n -N 24 -t x1 /dev/urandom | tr -d ' \n')
        export VALUE
        awk -v name="$name" '
            $0 == name "=" { $0 = $0 ENVIRON["VALUE"]; there = 1 }
            { print }
            END { if (!there) print name "=" ENVIRON["VALUE"] }
        ' .env > .env.new
        mv .env.new .env
        made=$((made + 1))
    fi
done
if [ "$made" = 0 ]; then
    echo "$PWD/.env: nothing was missing"
else
    echo "$PWD/.env: $made random values were made"
fi
