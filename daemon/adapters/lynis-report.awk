#!/usr/bin/awk -f
# Makes one JSON object of a Lynis report (/var/log/lynis-report.dat: key=value and key[]=value lines), for
# adapter "lynis". Of a plain key the last line counts, of a list all do.
#   awk -f lynis-report.awk /var/log/lynis-report.dat | capactl emit --adapter lynis
function quoted(s,    i, c, out) {
    out = ""
    for (i = 1; i <= length(s); i++) {
        c = substr(s, i, 1)
        if (c == "\"" || c == "\\") out = out "\\" c
        else if (c == "\t") out = out "\\t"
        else if (c ~ /[[:cntrl:]]/) out = out " "
        else out = out c
    }
    return "\"" out "\""
}
/^[ \t]*#/ || !/=/ { next }
{
    sub(/\r$/, "")
    key = substr($0, 1, index($0, "=") - 1)
    value = substr($0, index($0, "=") + 1)
    is_list = sub(/\[\]$/, "", key)
    if (!(key in seen)) { seen[key] = 1; order[++n] = key; list[key] = is_list; text[key] = "" }
    if (list[key]) text[key] = text[key] (text[key] == "" ? "" : ", ") quoted(value)
    else text[key] = quoted(value)
}
END {
    printf "{"
    for (i = 1; i <= n; i++) {
        key = order[i]
        printf "%s%s: %s", (i > 1 ? ", " : ""), quoted(key), (list[key] ? "[" text[key] "]" : text[key])
    }
    print "}"
}
