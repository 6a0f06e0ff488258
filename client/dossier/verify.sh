#!/bin/sh
# Checks a dossier of capad with nothing but a POSIX shell and the core utilities (sha256sum, cut, head, paste, split, tail, wc).
#   sh verify.sh [SEQ:HASH]     a head of the journal that you know from elsewhere, which must be in this chain
# Prints what was proved and what was not. Exit status: 0 all holds, 1 something does not, 2 it could not be looked at.
#
# The forms. journal/rows.txt has one line for each row of the whole journal, from row 1: "row hash".
#   row    = SHA-256 of the row's open line                    (of most rows only this is here: it says nothing of them)
#   hash   = SHA-256 of the text "<hash of the row before> <row><line feed>"; before row 1 stand 64 zeros
#   digest = SHA-256 of the 32 bytes of salt and the content; it stands in the open line. Events have one too
#   seal   : leaf = SHA-256(00 digest), node = SHA-256(01 left right), up to the root, which a row of the journal holds
# proof.txt names the rows that are given in full (journal/SEQ.open, journal/SEQ.body), files and events.
set -u
LC_ALL=C
export LC_ALL
cd "$(dirname "$0")" || exit 2
known=${1:-}
failed=0
zeros=$(printf '%064d' 0)
tmp=${TMPDIR:-/tmp}/capad-dossier.$$
(umask 077 && mkdir "$tmp") || exit 2
trap 'rm -rf "$tmp"' EXIT
trap 'exit 2' HUP INT TERM

wrong() {
        printf 'WRONG: %s\n' "$1"
        failed=1
}

# The bytes of hexadecimal digits.
bytes() {
        hex=$1
        octal=
        case $hex in *[!0-9a-f]*) return 1 ;; esac
        while [ -n "$hex" ]; do
                rest=${hex#??}
                value=$((0x${hex%"$rest"}))
                hex=$rest
                octal="$octal\\$((value / 64))$((value / 8 % 8))$((value % 8))"
        done
        # shellcheck disable=SC2059 # the octal escapes are the format
        printf "$octal"
}

# SHA-256 of standard input, as 64 digits.
sha() {
        sum=$(sha256sum)
        printf '%s' "${sum%% *}"
}

# 1. Files: each is as it was written, and none was added. (sha256sum passes over a line that it cannot read, and says so
# without failing: so each line of the list must have been found to hold.)
sha256sum -c SHA256SUMS >"$tmp/files" 2>&1
held=0
while read -r line; do
        case $line in *': OK') held=$((held + 1)) ;; *) wrong "$line" ;; esac
done <"$tmp/files"
lines=$(($(wc -l <SHA256SUMS)))
[ "$held" -eq "$lines" ] || wrong "SHA256SUMS has $lines lines, of which $held hold"
listed=$(cut -c 67- SHA256SUMS | { # the names, each between blanks
        names=' '
        while read -r name; do names="$names$name "; done
        printf '%s' "$names"
})
for file in * evidence/* events/* journal/*; do
        [ -f "$file" ] || continue
        case $file:$listed in SHA256SUMS:* | *:*" $file "*) ;; *) wrong "$file is none of the dossier's files" ;; esac
done

# 2. The chain, from row 1 to the head. Each link is a small file, so that one sha256sum looks at hundreds.
read -r format version <proof.txt
[ "$format $version" = 'capad-dossier 1' ] || wrong 'proof.txt has another form than this script knows'
while read -r word seq hash; do
        [ "$word" = head ] && break
done <proof.txt
rows=$(($(wc -l <journal/rows.txt)))
[ "$rows" -eq "$seq" ] || wrong "the head is row $seq, but journal/rows.txt has $rows rows"
[ "$rows" -lt 20000 ] || printf 'Checking %s links of the chain ...\n' "$rows"
cut -d ' ' -f 1 journal/rows.txt >"$tmp/row"
cut -d ' ' -f 2 journal/rows.txt >"$tmp/hash"
{ printf '%s\n' "$zeros" && cat "$tmp/hash"; } | paste -d ' ' - "$tmp/row" | head -n "$rows" >"$tmp/link"
: >"$tmp/computed"
if [ "$rows" -gt 0 ]; then
        mkdir "$tmp/chunk" "$tmp/one"
        split -l 500 -a 6 "$tmp/link" "$tmp/chunk/"
        for chunk in "$tmp"/chunk/*; do
                split -l 1 -a 2 "$chunk" "$tmp/one/" # over those of the chunk before, of which the last has fewer
                (cd "$tmp/one" && sha256sum -- *) | head -n "$(wc -l <"$chunk")" | cut -c 1-64 >>"$tmp/computed"
        done
fi
if [ "$(sha <"$tmp/computed")" != "$(sha <"$tmp/hash")" ]; then
        at=0
        paste -d ' ' "$tmp/computed" "$tmp/hash" | {
                while read -r computed given; do
                        at=$((at + 1))
                        [ "$computed" = "$given" ] || break
                done
                printf 'WRONG: the chain is broken at row %s\n' "$at"
        }
        failed=1
fi
last=$(tail -n 1 "$tmp/hash")
[ "$last" = "$hash" ] || wrong "the chain does not end at the head that proof.txt names"
if [ -n "$known" ]; then
        at=${known%%:*}
        case $at in '' | *[!0-9]*) at=0 ;; esac
        if [ "$at" -lt 1 ] || [ "$at" -gt "$rows" ]; then
                wrong "row $at of the head that you gave is not in this chain, which ends at row $rows"
        else
                found=$(head -n "$at" "$tmp/hash" | tail -n 1)
                [ "$found" = "${known#*:}" ] || wrong "at row $at the chain has another hash than the one you gave"
        fi
fi

# 3. Rows in full: the open line is the one that was chained, the content the one that the line's digest is of.
full=0 opened=0 withheld=0 verified=' ' lost=' ' redactions=' '
while read -r word seq salt; do
        [ "$word" = row ] || continue
        if [ "$(sha <"journal/$seq.open")" != "$(head -n "$seq" "$tmp/row" | tail -n 1)" ]; then
                wrong "journal/$seq.open is not row $seq of the chain"
                continue
        fi
        opened=$((opened + 1))
        open=$(cat "journal/$seq.open")
        case $open in "{\"seq\":$seq,"*) ;; *) wrong "journal/$seq.open speaks of another row" ;; esac
        case $salt in
        redacted) lost="$lost$seq " ;;
        withheld) withheld=$((withheld + 1)) ;;
        *)
                digest=$({ bytes "$salt" && cat "journal/$seq.body"; } | sha)
                case $open in
                *"\"digest\":\"$digest\"}")
                        full=$((full + 1))
                        verified="$verified$seq "
                        ;;
                *) wrong "journal/$seq.body is not the content of row $seq" ;;
                esac
                body=$(cat "journal/$seq.body")
                case $body in
                *'"type": "org.capad.evidence.redacted.v1"'*)
                        names=${body#*'"rows": ['}
                        redactions="$redactions$seq:${names%%]*}, "
                        ;;
                esac
                ;;
        esac
done <proof.txt
n_lost=0
for seq in $lost; do
        n_lost=$((n_lost + 1))
        case " $redactions" in *[:\ ]"$seq,"*) ;; *) wrong "the content of row $seq is gone, and no row says that it was redacted" ;; esac
done

# Does a row hold all of these texts, whose content was found to be the one recorded?
says() {
        seq=$1
        shift
        case $verified in *" $seq "*) ;; *) return 1 ;; esac
        body=$(cat "journal/$seq.body" 2>/dev/null)
        for text; do
                case $body in *"$text"*) ;; *) return 1 ;; esac
        done
}

# 4. Files and events: the journal holds their SHA-256; an event's own digest lies under the root of its seal.
files=0 events=0 sealed=0 loose=0 gone=0 expired=0
while read -r word ref a b c d e f g h rest; do
        case $word in
        file) # ID ROW SHA256 NAME
                if [ "$(sha <"$d")" = "$c" ] && says "$b" "\"id\": $a," "\"sha256\": \"$c\""; then
                        files=$((files + 1))
                else
                        wrong "$d is not what row $b of the journal says of $ref"
                fi
                ;;
        event) # ID ROW SHA256 NAME EVENTNO SALT DIGEST SEALROW (ROOT and the way to it are in rest)
                if [ "$(sha <"$d")" != "$c" ] || ! says "$b" "\"id\": $a," "\"sha256\": \"$c\"" "\"eventno\": $e"; then
                        wrong "$d is not what row $b of the journal says of $ref"
                        continue
                fi
                if [ "$({ bytes "$f" && cat "$d"; } | sha)" != "$g" ]; then
                        wrong "the digest of event $e is not that of $d"
                        continue
                fi
                events=$((events + 1))
                [ "$h" != 0 ] || continue
                node=$({ bytes 00 && bytes "$g"; } | sha)
                root=${rest%% *}
                way=${rest#"$root"}
                for step in $way; do
                        case $step in
                        l:*) node=$({ bytes 01 && bytes "${step#l:}" && bytes "$node"; } | sha) ;;
                        r:*) node=$({ bytes 01 && bytes "$node" && bytes "${step#r:}"; } | sha) ;;
                        esac
                done
                if [ "$node" = "$root" ] && says "$h" '"type": "org.capad.evidence.sealed.v1"' "\"root\": \"$root\""; then
                        sealed=$((sealed + 1))
                else
                        wrong "event $e does not lie under the seal of row $h"
                fi
                ;;
        loose) # ID SHA256 NAME: what holds its SHA-256 is a row that is withheld
                [ "$(sha <"$c")" = "$b" ] || wrong "$c is not what it was"
                loose=$((loose + 1))
                ;;
        gone) gone=$((gone + 1)) ;;
        expired) expired=$((expired + a)) ;;
        esac
done <proof.txt

if [ "$failed" -ne 0 ]; then
        printf 'This dossier is NOT what capad wrote, or not of an unbroken journal.\n'
        exit 1
fi
cat <<END
Proved: the journal is one chain of $rows rows, up to the head $rows:$hash${known:+, and the head that you gave is in it}.
Proved: $opened of these rows are given in full, $full with their content; $n_lost lost it by redactions that the journal names, $withheld are
        withheld because they also tell of others.
Proved: $files files and $events events are those whose SHA-256 the journal holds; of the events $sealed were sealed when they came.
Not proved: $loose files whose SHA-256 stands in a row that is withheld.
Not here: $gone pieces of evidence that were removed, as the journal says; $expired occurrences that retention has removed, which are counted.
Not proved by the chain: index.html and the NC-*.json are made from the register for reading; they are as they were written with this dossier.
Compare the head with one you have from elsewhere (capactl status, a mailed head): sh verify.sh SEQ:HASH
END
