# Accepted messages by day, login and TLS version: by process the session's version, by queue id the day and login of a
# message that is open, and a count when the queue manager takes it. P is the field of the program's name: the third
# behind an RFC 3339 stamp, the fifth behind a traditional one.
/\/smtpd\[[0-9]+\]: connect from / { delete tls[/^[0-9]/ ? $3 : $5] }
/ TLS connection established from / { P = /^[0-9]/ ? 3 : 5; tls[$P] = $(P + 7) }
/: client=/ {
    P = /^[0-9]/ ? 3 : 5
    if ($(P + 2) ~ /^client=/) {
        at = index($0, ", sasl_username=")
        day = P == 3 ? substr($1, 1, 10) : $1 " " $2
        if (at) open[$(P + 1)] = day "\t" substr($0, at + 16) "\t" tls[$P]
        else delete open[$(P + 1)]
    }
}
/\/qmgr\[[0-9]+\]: .*: from=</ {
    id = $(/^[0-9]/ ? 4 : 6)
    if (id in open) { ++sent[open[id]]; delete open[id] }
}
END { for (key in sent) print key "\t" sent[key] }
