#!/bin/sh
# Makes .env beside this file of .env.example, with a random value for everything that has to be set.
# What is set in .env already stays as it is: after an upgrade it adds what is new.
set -eu
cd "$(dirname "$0")"
umask 077

[ -e .env ] || cp .env.example .env
made=0
for name in $(sed -n 's/^\([A-Z_]*\)=$/\1/p' .env.example); do
    # Letters and digits: it becomes part of addresses.
    VALUE=$(od -A n -N 24 -t x1 /dev/urandom | tr -d ' \n')
    export VALUE
    # Of several lines the last one counts, as for docker compose; blanks, empty quotes and a comment are no value.
    awk -v name="$name" '
        { lines[NR] = $0 }
        $0 ~ "^[ \t]*(export[ \t]+)?" name "[ \t]*[=:]" { last = NR }
        END {
            if (!last) lines[last = NR + 1] = name "="
            value = lines[last]
            sub(/^[^=:]*[=:]/, "", value)
            sub(/[ \t]#.*/, "", value)
            if (value !~ /[^ \t\r"\047]/) sub(/[=:].*/, "=" ENVIRON["VALUE"], lines[last])
            for (n = 1; n in lines; n++) print lines[n]
        }
    ' .env > .env.new
    if grep -q "$VALUE" .env.new; then
        mv .env.new .env
        made=$((made + 1))
    fi
done
rm -f .env.new
if [ "$made" = 0 ]; then
    echo "$PWD/.env: nothing was missing"
else
    echo "$PWD/.env: $made random values were made"
fi
