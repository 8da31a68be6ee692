# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The demonstration: a private Postfix instance, a throw-away CA, three smart hosts, the daemon, and mail.
# shellcheck disable=SC2154 # here, checkout, demo and work are conf/quickstart's

# The shipped sample connectors: file, its smart host, the name that tls_domain wants in the certificate.
samples=(
    "contoso smtp.northrelay.example"
    "contoso-ceo out.vaultmail.example"
    "fabrikam relay.southgate.example"
)
# Who sends, and where it has to arrive: sender, connector, smart host.
expected=(
    "alice@contoso.example|Contoso via Northrelay|smtp.northrelay.example"
    "ceo@contoso.example|Contoso CEO via Vaultmail|out.vaultmail.example"
    "bob@fabrikam.example|Fabrikam via Southgate|relay.southgate.example"
)
recipient=someone@elsewhere.example

ctl() { sendconnectorctl --config "$demo/sendconnector.toml" --color never "$@"; }

start_demonstration() {
    mkdir "$demo"/{ca,certificates,conf.d,log,pids,ports,postfix,received,run,state}
    make_ca >"$demo/log/openssl" 2>&1 || failed "openssl made no CA: $(tail -n 3 "$demo/log/openssl")"
    local sample host
    for sample in "${samples[@]}"; do
        read -r _ host <<<"$sample"
        make_certificate "$host" "$host" >>"$demo/log/openssl" 2>&1 || failed "openssl made no certificate"
        start_smart_host "$host"
    done
    say "  three smart hosts, a throw-away CA"
    write_postfix_configuration
    write_configuration
    postfix -c "$demo/postfix" start >"$demo/log/postfix-start" 2>&1 ||
        failed "the private Postfix instance did not start: $(tail -n 5 "$demo/log/postfix-start" "$demo/log/mail")"
    say "  a private Postfix instance, port $(cat "$demo/ports/postfix")"
    start_daemon
    say "  sendconnectord, with the sample connectors"
    run_ctl apply
    run_ctl enable
    run_ctl list
}

# run_ctl COMMAND: shows the command and what it prints.
run_ctl() {
    say "  # sendconnectorctl $*"
    ctl "$@" >"$demo/log/ctl-$1" 2>&1 || {
        sed 's/^/    /' "$demo/log/ctl-$1" >&2
        failed "sendconnectorctl $* failed"
    }
    sed 's/^/    /' "$demo/log/ctl-$1"
}

make_ca() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=Demonstration CA" \
        -keyout "$demo/ca/key.pem" -out "$demo/ca/ca.pem"
}

# make_certificate HOST NAME: the certificate that smart host HOST shows, issued to NAME.
make_certificate() {
    local new=$demo/ca/new
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$2" \
        -addext "subjectAltName=DNS:$2" -keyout "$new.key" -out "$new.csr" || return
    openssl x509 -req -in "$new.csr" -CA "$demo/ca/ca.pem" -CAkey "$demo/ca/key.pem" -CAcreateserial -days 2 \
        -extfile <(echo "subjectAltName=DNS:$2") -out "$new.crt" || return
    cat "$new.key" "$new.crt" >"$new.pem"
    # The smart host reads it anew for each connection.
    mv "$new.pem" "$demo/certificates/$1.pem"
}

# start NAME COMMAND...: in the background, away from this terminal, its output in log/NAME.
start() {
    local name=$1
    shift
    setsid "$@" >"$demo/log/$name" 2>&1 </dev/null &
    echo $! >"$demo/pids/$name"
}

start_smart_host() {
    start "$1" python3 "$here/quickstart.d/smart_host.py" "$1" "$demo"
    wait_until 20 test -s "$demo/ports/$1" || failed "smart host $1 did not start: $(tail -n 3 "$demo/log/$1")"
}

write_postfix_configuration() {
    local port
    port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
    echo "$port" >"$demo/ports/postfix"
    install -d "$demo/spool"
    install -d -o postfix -g root -m 0700 "$demo/data"
    cp /usr/share/postfix/master.cf.dist "$demo/postfix/master.cf"
    cat >"$demo/postfix/main.cf" <<EOF
compatibility_level = 3.6
queue_directory = $demo/spool
data_directory = $demo/data
maillog_file = $demo/log/mail
maillog_file_prefixes = $demo
myhostname = demonstration.example
mydestination =
alias_maps =
local_recipient_maps =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
smtp_tls_loglevel = 1
EOF
    postconf -c "$demo/postfix" -MX smtp/inet
    postconf -c "$demo/postfix" -M "127.0.0.1:$port/inet=127.0.0.1:$port inet n - y - - smtpd"
}

# The shipped configuration and samples, with this demonstration's folders, addresses and CA filled in.
write_configuration() {
    local sample name host
    sed -e "s|/var/spool/postfix/sendconnector|$demo/spool/sendconnector|" -e "s|/run/sendconnector|$demo/run|" \
        -e "s|/var/lib/sendconnector|$demo/state|" -e "s|/etc/postfix|$demo/postfix|" \
        -e 's/^\(refresh_after\|failure_lifetime\) = .*/\1 = "00:00:01"/' \
        "$checkout/conf/dist/sendconnector.toml" >"$demo/sendconnector.toml"
    for sample in "${samples[@]}"; do
        read -r name host <<<"$sample"
        sed -e "s|\"\[$host\]:587\"|\"[127.0.0.1]:$(cat "$demo/ports/$host")\"|" \
            "$checkout/conf/dist/examples/$name.toml" >"$demo/conf.d/$name.toml"
        echo "tls_ca_file = \"$demo/ca/ca.pem\"" >>"$demo/conf.d/$name.toml"
    done
    chgrp sendconnector "$demo/state"
    chmod 0750 "$demo/state"
    install -d -o sendconnector -g sendconnector -m 0750 "$demo/state/revocation"
    chown sendconnector: "$demo/run"
    install -d -o sendconnector -g postfix -m 2710 "$demo/spool/sendconnector"
}

start_daemon() {
    start sendconnectord setpriv --reuid=sendconnector --regid=sendconnector --init-groups \
        sendconnectord --config "$demo/sendconnector.toml" --log stderr
    wait_until 20 test -S "$demo/run/control" -a -S "$demo/spool/sendconnector/lookup" \
        -a -S "$demo/spool/sendconnector/milter" ||
        failed "sendconnectord did not start: $(tail -n 5 "$demo/log/sendconnectord")"
}

# submit SENDER: prints the queue ID.
submit() { python3 "$here/quickstart.d/submit.py" "$(cat "$demo/ports/postfix")" "$1" "$recipient"; }

has_arrived() { grep -qs "\"$1\"" "$demo/received"/*; }
# Postfix logs a delivery a moment after the smart host has taken it.
has_left() { has_arrived "$1" && grep -q " $1: .* status=sent " "$demo/log/mail"; }
is_deferred() { grep -q " $1: .* status=deferred " "$demo/log/mail"; }

show_deliveries() {
    local row sender id
    for row in "${expected[@]}"; do
        IFS='|' read -r sender _ <<<"$row"
        id=$(submit "$sender") || failed "Postfix did not take the mail of $sender"
        wait_until 30 has_left "$id" || failed "the mail of $sender did not arrive; $(last_words "$id")"
        echo "$id|$row" >>"$demo/sent"
    done
    python3 "$here/quickstart.d/deliveries.py" "$demo" "$recipient" ||
        failed "the mail did not leave as its connectors demand"
}

# What a person would do: have Postfix try again.
leaves_when_tried_again() {
    has_left "$1" && return
    postqueue -c "$demo/postfix" -f
    sleep 1
    has_left "$1"
}

# last_words ID: what Postfix' log says last about a message.
last_words() { grep -F " $1: " "$demo/log/mail" | tail -n 1; }

show_refusal() {
    local host=relay.southgate.example sender=bob@fabrikam.example id
    make_certificate "$host" impostor.example >>"$demo/log/openssl" 2>&1 || failed "openssl made no certificate"
    say "  $host now shows a certificate for impostor.example."
    sleep 1.5 # refresh_after: from now on mail does not rely on what was seen before
    id=$(submit "$sender") || failed "Postfix did not take the mail of $sender"
    wait_until 30 is_deferred "$id" || failed "the mail of $sender is not deferred; $(last_words "$id")"
    if has_arrived "$id"; then
        failed "the mail of $sender was sent over a session that its connector forbids"
    fi
    say "  Mail of $sender stays in the queue, nothing was sent. Postfix' log says why:"
    {
        grep -F 'Reason:SubjectMismatch' "$demo/log/mail" | tail -n 1
        last_words "$id"
    } | sed -e 's/^.* postfix\//    postfix\//'
    make_certificate "$host" "$host" >>"$demo/log/openssl" 2>&1 || failed "openssl made no certificate"
    say "  $host shows its own certificate again."
    wait_until 60 leaves_when_tried_again "$id" || failed "the mail of $sender did not leave after the repair; $(last_words "$id")"
    say "  The mail has left."
}

explain_keeping() {
    heading "It keeps running. Things to try, as root:"
    cat <<EOF
  cd $checkout
  ctl="sendconnectorctl --config $demo/sendconnector.toml"
  \$ctl status
  \$ctl explain --from ceo+press@contoso.example --to $recipient
  python3 conf/quickstart.d/submit.py $(cat "$demo/ports/postfix") alice@eu.contoso.example $recipient
  tail $demo/log/mail
  tail $demo/received/*
  postqueue -c $demo/postfix -p

Connectors: $demo/conf.d/; after a change: \$ctl apply
To end it: $here/quickstart.d/stop $demo
EOF
}
