// SPDX-License-Identifier: Apache-2.0
// The keys outside [[connector]].
#include "conf/choice.hpp"
#include "conf/connector_values.hpp"
#include "conf/file_path.hpp"
#include "conf/key_table.hpp"
#include "conf/name_server.hpp"
#include "conf/plain_text.hpp"
#include "conf/time_span.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::conf {

namespace {

constexpr Choice<policy::UnmatchedSenders> unmatched_words[] = {
    {"postfix", policy::UnmatchedSenders::postfix},
    {"default", policy::UnmatchedSenders::use_default},
    {"reject", policy::UnmatchedSenders::reject},
};
constexpr Choice<policy::UnmatchedRecipients> unmatched_recipient_words[] = {
    {"postfix", policy::UnmatchedRecipients::postfix},
    {"mx", policy::UnmatchedRecipients::mx},
    {"defer", policy::UnmatchedRecipients::defer},
    {"reject", policy::UnmatchedRecipients::reject},
};
constexpr Choice<policy::SelectionOrder> order_words[] = {
    {"sender-first", policy::SelectionOrder::sender_first},
    {"address-space-first", policy::SelectionOrder::address_space_first},
};

template <auto member>
Result<void> socket(SettingsDraft& draft, std::string_view text) {
    return parse_socket_path(text).map([&](std::string&& path) { draft.daemon.*member = std::move(path); });
}

Result<void> unmatched_senders(SettingsDraft& draft, std::string_view text) {
    return choose(text, unmatched_words).map([&](auto value) { draft.policy.unmatched_senders = value; });
}

Result<void> unmatched_recipients(SettingsDraft& draft, std::string_view text) {
    return choose(text, unmatched_recipient_words).map([&](auto value) {
        draft.policy.unmatched_recipients = value;
    });
}

Result<void> sender_identity(SettingsDraft& draft, std::string_view text) {
    return parse_sender_identity(text).map([&](auto value) { draft.policy.sender_identity = value; });
}

Result<void> default_connector(SettingsDraft& draft, std::string_view text) {
    if (text.empty()) {
        return fail("names no connector", "write the name of an enabled connector, or remove the key");
    }
    draft.policy.default_connector = text;
    return {};
}

Result<void> selection_order(SettingsDraft& draft, std::string_view text) {
    return choose(text, order_words).map([&](auto value) { draft.policy.selection_order = value; });
}

Result<void> recipient_delimiter(SettingsDraft& draft, std::string_view text) {
    const auto delimits = [](char c) { return c > ' ' && c < 0x7F && c != '@' && c != '"'; };
    if (!std::all_of(text.begin(), text.end(), delimits)) {
        return fail(in_quotes(text) + " holds a character that cannot start a subaddress",
                    "write the value of Postfix' recipient_delimiter: ASCII without blanks, @ and quotes");
    }
    draft.policy.recipient_delimiter = text;
    return {};
}

Result<void> state_directory(SettingsDraft& draft, std::string_view text) {
    return parse_path(text).map([&](std::string&& path) { draft.daemon.state_directory = std::move(path); });
}

Result<void> protocol_log_directory(SettingsDraft& draft, std::string_view text) {
    return parse_path(text).map(
        [&](std::string&& path) { draft.daemon.protocol_log_directory = std::move(path); });
}

Result<void> config_directory(SettingsDraft& draft, std::string_view text) {
    return parse_path(text).map(
        [&](std::string&& path) { draft.postfix.config_directory = std::move(path); });
}

Result<void> split_listener(SettingsDraft& draft, std::string_view text) {
    return parse_split_listener(text).map(
        [&](SplitListener&& listener) { draft.postfix.split_listener = std::move(listener); });
}

Result<void> sender_table(SettingsDraft& draft, std::string_view text) {
    return parse_path(text).and_then([&](std::string&& path) -> Result<void> {
        if (std::find(draft.sender_tables.begin(), draft.sender_tables.end(), path) !=
            draft.sender_tables.end()) {
            return fail(in_quotes(text) + " is listed twice", "remove one of the two");
        }
        draft.sender_tables.push_back(std::move(path));
        return {};
    });
}

// Bounds in seconds.
template <auto member, int least, int most>
Result<void> time_span(SettingsDraft& draft, std::string_view text) {
    const auto span = parse_time_span(text);
    if (!span) {
        return tl::unexpected(span.error());
    }
    if (*span < std::chrono::seconds(least) || *span > std::chrono::seconds(most)) {
        return fail(in_quotes(text) + " is out of range",
                    fmt::format("use {} to {}", time_span_text(std::chrono::seconds(least)),
                                time_span_text(std::chrono::seconds(most))));
    }
    draft.tls.*member = *span;
    return {};
}

template <auto member, int least, int most>
Result<void> number(SettingsDraft& draft, std::int64_t value) {
    if (value < least || value > most) {
        return fail(fmt::format("{} is out of range", value), fmt::format("use {} to {}", least, most));
    }
    draft.tls.*member = static_cast<int>(value);
    return {};
}

template <auto member, auto parse>
Result<void> listed(SettingsDraft& draft, std::string_view text) {
    return parse(text).map([&](auto&& value) { (draft.tls.*member).push_back(std::move(value)); });
}

constexpr int minute = 60;
constexpr int hour = 60 * minute;
constexpr int day = 24 * hour;

constexpr Row<SettingsDraft> table[] = {
    {{KeyScope::global, "unmatched_senders", KeyType::text, R"("postfix")", "postfix, default, reject", "",
      "what happens to mail of a sender that no connector is for"},
     unmatched_senders},
    {{KeyScope::global, "default_connector", KeyType::text, "", "the name of an enabled connector", "",
      "takes the mail of unmatched senders; required with, and only with, unmatched_senders = \"default\""},
     default_connector},
    {{KeyScope::global, "unmatched_recipients", KeyType::text, R"("postfix")", "postfix, mx, defer, reject",
      "", "what happens to mail for a recipient that no connector is for though its sender has some"},
     unmatched_recipients},
    {{KeyScope::global, "sender_identity", KeyType::text, R"("envelope")", "envelope, header-from, login", "",
      "whose address the senders of a connector mean, where it does not say: the envelope sender, the author "
      "in the From header field, or the SMTP login"},
     sender_identity},
    {{KeyScope::global, "selection_order", KeyType::text, R"("sender-first")",
      "sender-first, address-space-first", "",
      "which counts first: the most specific sender or the most specific address space"},
     selection_order},
    {{KeyScope::global, "recipient_delimiter", KeyType::text, R"("+")", "a set of characters, or nothing", "",
      "what starts the subaddress of a sender, as Postfix' parameter of that name"},
     recipient_delimiter},
    {{KeyScope::daemon, "milter_socket", KeyType::text, R"("/var/spool/postfix/sendconnector/milter")",
      "an absolute path, 107 characters at most", "", "the socket where Postfix finds the milter"},
     socket<&DaemonSettings::milter_socket>},
    {{KeyScope::daemon, "lookup_socket", KeyType::text, R"("/var/spool/postfix/sendconnector/lookup")",
      "an absolute path, 107 characters at most", "",
      "the socket where Postfix asks for transports and TLS policies"},
     socket<&DaemonSettings::lookup_socket>},
    {{KeyScope::daemon, "control_socket", KeyType::text, R"("/run/sendconnector/control")",
      "an absolute path, 107 characters at most", "", "the socket where sendconnectorctl finds the daemon"},
     socket<&DaemonSettings::control_socket>},
    {{KeyScope::daemon, "state_directory", KeyType::text, R"("/var/lib/sendconnector")", "an absolute path",
      "", "where apply keeps what it made of Postfix"},
     state_directory},
    {{KeyScope::daemon, "protocol_log_directory", KeyType::text, R"("/var/log/sendconnector")",
      "an absolute path", "",
      "where the SMTP conversations of connectors with protocol_logging_level = \"Verbose\" are written"},
     protocol_log_directory},
    {{KeyScope::postfix, "config_directory", KeyType::text, R"("/etc/postfix")", "an absolute path", "",
      "the Postfix instance to work on: the folder of its main.cf and master.cf"},
     config_directory},
    {{KeyScope::postfix, "split_listener", KeyType::text, R"("127.0.0.1:10725")",
      "an IPv4 address of 127.0.0.0/8 and a port of 1024 to 65535", "",
      "where Postfix hands messages back to itself whose recipients have different connectors"},
     split_listener},
    {{KeyScope::tls, "probe_time", KeyType::text, R"("00:00:30")", "00:00:01 to 00:10:00", "",
      "how long one session with a smart host may take while it is probed, as a whole"},
     time_span<&TlsSettings::probe_time, 1, 10 * minute>},
    {{KeyScope::tls, "lookup_wait", KeyType::text, R"("00:00:10")", "00:00:01 to 00:01:00", "",
      "how long Postfix waits for a probe at most before the message goes back to the queue"},
     time_span<&TlsSettings::lookup_wait, 1, minute>},
    {{KeyScope::tls, "verdict_lifetime", KeyType::text, R"("01:00:00")", "00:00:01 to 1.00:00:00", "",
      "how long an accepted verdict counts without a new probe"},
     time_span<&TlsSettings::verdict_lifetime, 1, day>},
    {{KeyScope::tls, "refresh_after", KeyType::text, R"("00:01:00")", "00:00:01 to 1.00:00:00", "",
      "a delivery that meets an older verdict starts a new probe in the background"},
     time_span<&TlsSettings::refresh_after, 1, day>},
    {{KeyScope::tls, "failure_lifetime", KeyType::text, R"("00:00:30")", "00:00:01 to 01:00:00", "",
      "how long a failed verification counts before the next attempt"},
     time_span<&TlsSettings::failure_lifetime, 1, hour>},
    {{KeyScope::tls, "parallel_probes", KeyType::integer, "64", "1 to 1000", "",
      "how many smart hosts are probed at a time"},
     number<&TlsSettings::parallel_probes, 1, 1000>},
    {{KeyScope::tls, "cached_next_hops", KeyType::integer, "10000", "1 to 1000000", "",
      "how many verdicts are kept; the least recently asked for go first"},
     number<&TlsSettings::cached_next_hops, 1, 1'000'000>},
    {{KeyScope::tls, "name_servers", KeyType::text_list, "[]",
      "IP addresses, each with :port where that is not 53; none for those of /etc/resolv.conf", "",
      "whom to ask for the addresses of smart hosts"},
     listed<&TlsSettings::name_servers, parse_name_server>},
    {{KeyScope::tls, "revocation_fetch_time", KeyType::text, R"("00:00:20")", "00:00:01 to 00:05:00", "",
      "how long the download of one revocation list or OCSP response may take"},
     time_span<&TlsSettings::revocation_fetch_time, 1, 5 * minute>},
    {{KeyScope::tls, "revocation_retry", KeyType::text, R"("00:01:00")", "00:00:01 to 01:00:00", "",
      "how long after a failed download the next one may start"},
     time_span<&TlsSettings::revocation_retry, 1, hour>},
    {{KeyScope::tls, "certificate_folders", KeyType::text_list,
      R"(["/etc/sendconnector/certificates", "/etc/letsencrypt/live"])", "absolute paths", "",
      "searched, with their direct subfolders, for a tls_certificate_name given by issuer and subject"},
     listed<&TlsSettings::certificate_folders, parse_path>},
    {{KeyScope::sender_tables, "files", KeyType::text_list, "[]", "absolute paths", "",
      "files with a sender and the name of its connector a line"},
     sender_table},
};

static_assert(std::all_of(std::begin(table), std::end(table), [](const auto& row) { return fits(row); }));

} // namespace

std::span<const Row<SettingsDraft>> settings_rows() {
    return table;
}

} // namespace sendconnector::conf
