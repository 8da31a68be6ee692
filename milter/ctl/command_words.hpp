// SPDX-License-Identifier: Apache-2.0
// What the commands take: arguments and options, for command_table.cpp alone.
#pragma once

#include "milter/ctl/command_table.hpp"

namespace sendconnector::ctl {

inline constexpr Argument show_arguments[] = {{"NAME", "the connector's name, in any case"}};
inline constexpr Argument validate_arguments[] = {
    {"NAME", "connectors, in any case; without one, all that are enabled", false, true}};
inline constexpr Argument tls_arguments[] = {
    {"NAME", "connectors, in any case; without one, all", false, true}};
inline constexpr Argument queue_arguments[] = {
    {"NAME", "the connector whose messages to list, in any case", false}};
inline constexpr Argument requeue_arguments[] = {
    {"NAME", "a connector, whose messages are meant, or the queue ID of one", false, true}};
inline constexpr Argument trace_arguments[] = {
    {"ID", "the message-id, with or without brackets, or a queue ID", false}};
inline constexpr Argument log_arguments[] = {{"NAME", "the connector, in any case", false}};
inline constexpr Argument headers_arguments[] = {
    {"FILE", "a message, or its header as it was copied; '-' is standard input", false}};
inline constexpr Argument import_arguments[] = {
    {"FILE", "the export; - is standard input, postfix this host's own Postfix"}};
inline constexpr Argument export_arguments[] = {
    {"NAME", "connectors, in any case; without one, all", false, true}};
inline constexpr Argument cmdlets_arguments[] = {{"FILE", "the script; - or none: standard input", false}};
inline constexpr Argument help_arguments[] = {{"COMMAND", "what to explain; without it, an overview", false}};

inline constexpr Option list_options[] = {
    {"wide", "", "add senders, smart hosts, port, TLS, service and whether it is applied"},
};
inline constexpr Option explain_options[] = {
    {"from", "ADDRESS", "envelope sender; '<>' is the null sender", true},
    {"to", "ADDRESS", "envelope recipient; give it again for a message to several", true, false, true},
    {"header-from", "ADDRESS", "the author in the From field; without it, the envelope sender"},
    {"login", "NAME", "who logged in to send it; without it, nobody"},
    {"route", "ROUTE", "how Postfix routes the recipient without us: default, relay or transport"},
    {"size", "SIZE", "message size, as 40MB or in octets; without it no connector is too small"},
    {"queue-id", "ID", "a message in the queue, in place of all these; wants root", false, true},
};
inline constexpr Option headers_options[] = {
    {"queue-id", "ID", "a message in the queue, in place of FILE; wants root"},
    {"html", "FILE", "a page for a browser, to FILE or to standard output", false, false, false, true},
};
inline constexpr Option validate_options[] = {
    {"to", "DOMAIN", "recipient domain to try connectors without smart hosts with"},
    {"auth", "", "try the connector's credentials as well"},
    {"send-to", "ADDRESS", "send this address a test message through Postfix, and wait for its fate"},
    {"from", "ADDRESS", "its envelope sender; without it, one that the connector is for"},
    {"timeout", "SECONDS", "how long to wait for its fate, default 60"},
};
inline constexpr Option apply_options[] = {
    {"dry-run", "", "print the difference and change nothing"},
    {"no-validate", "", "take smart hosts that were not tried, or fail; the mail log says so"},
};
inline constexpr Option tls_options[] = {
    {"wide", "", "add every address, with protocol and certificate"},
    {"refresh", "", "have everything verified anew first"},
};
inline constexpr Option requeue_options[] = {
    {"all", "", "every message that goes the old way, whichever its connector"},
    {"dry-run", "", "say what would be requeued, from where to where, and what not"},
    {"second-copies", "", "requeue also what would send somebody a second copy"},
    {"yes", "", "do not ask before --all"},
};

inline constexpr Option trace_options[] = {
    {"from", "ADDRESS", "in place of ID: messages of this envelope sender; '<>' is the null sender"},
    {"to", "ADDRESS", "only those to this recipient; @DOMAIN, here and above, stands for a whole domain"},
    {"since", "TIME", "not before: 2h, 3d, today, 17:04, 2026-11-23 or \"2026-11-23 17:04\""},
    {"until", "TIME", "not after"},
    {"log", "FILE", "read this mail log, plain or gzip, in place of the system's; may be given again", false,
     false, true},
};
inline constexpr Option log_options[] = {
    {"follow", "", "go on with what is said from now on, until Ctrl-C"},
    {"since", "TIME", "not before: 2h, 3d, today, 17:04, 2026-11-23 or \"2026-11-23 17:04\""},
    {"log", "FILE", "read this mail log, plain or gzip, and no protocol log; may be given again", false,
     false, true},
    {"collect", "", "write the protocol log, as sendconnector-log.service does"},
};
inline constexpr Option import_options[] = {
    {"dry-run", "", "say what would be taken, show the files' differences and change nothing"},
};
inline constexpr Option export_options[] = {
    {"format", "FORMAT", "toml (the default), json, powershell or clixml"},
};

} // namespace sendconnector::ctl
