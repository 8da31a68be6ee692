// SPDX-License-Identifier: Apache-2.0
// The keys outside [[connector]].
#include "conf/choice.hpp"
#include "conf/file_path.hpp"
#include "conf/key_table.hpp"
#include "conf/plain_text.hpp"

#include <algorithm>

namespace sendconnector::conf {

namespace {

constexpr Choice<policy::UnmatchedSenders> unmatched_words[] = {
    {"postfix", policy::UnmatchedSenders::postfix},
    {"default", policy::UnmatchedSenders::use_default},
    {"reject", policy::UnmatchedSenders::reject},
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

Result<void> config_directory(SettingsDraft& draft, std::string_view text) {
    return parse_path(text).map(
        [&](std::string&& path) { draft.postfix.config_directory = std::move(path); });
}

constexpr Row<SettingsDraft> table[] = {
    {{KeyScope::global, "unmatched_senders", KeyType::text, R"("postfix")", "postfix, default, reject", "",
      "what happens to mail of a sender that no connector is for"},
     unmatched_senders},
    {{KeyScope::global, "default_connector", KeyType::text, "", "the name of an enabled connector", "",
      "takes the mail of unmatched senders; required with, and only with, unmatched_senders = \"default\""},
     default_connector},
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
    {{KeyScope::postfix, "config_directory", KeyType::text, R"("/etc/postfix")", "an absolute path", "",
      "the Postfix instance to work on: the folder of its main.cf and master.cf"},
     config_directory},
};

static_assert(std::all_of(std::begin(table), std::end(table), [](const auto& row) { return fits(row); }));

} // namespace

std::span<const Row<SettingsDraft>> settings_rows() {
    return table;
}

} // namespace sendconnector::conf
