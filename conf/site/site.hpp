// SPDX-License-Identifier: Apache-2.0
// Site: what a Postfix instance says about the way of mail by its sender, read and not yet understood.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf::site {

using Settings = std::map<std::string, std::string, std::less<>>; // parameter, effective value

// One lookup table. Keys are in lower case, as Postfix looks them up.
struct Table {
    std::string name; // "hash:/etc/postfix/x"; it may hold passwords: name_as_shown()
    // False: it can only be asked, and `entries` has the answers to what it was asked.
    bool is_listed = true;
    std::map<std::string, std::string, std::less<>> entries;
};

// The tables that a parameter names, in its order.
struct Tables {
    std::vector<Table> list;

    // The first table's that has it.
    const std::string* find(std::string_view key) const;
    // The names of those that can only be asked, as they are shown.
    std::vector<std::string> unlisted() const;
};

struct Service {
    std::string program; // "smtp", "pipe"
    Settings overrides;  // by -o
};

// The parameters whose tables are looked at.
inline constexpr std::string_view transport_maps = "sender_dependent_default_transport_maps";
inline constexpr std::string_view relayhost_maps = "sender_dependent_relayhost_maps";
inline constexpr std::string_view password_maps = "smtp_sasl_password_maps";
inline constexpr std::string_view policy_maps = "smtp_tls_policy_maps";

struct Site {
    Settings settings;                                    // of main.cf
    std::map<std::string, Service, std::less<>> services; // of type unix, without our own
    std::map<std::string, Tables, std::less<>> tables;    // by the value of a parameter that names them

    // What holds in a service: what it says itself, else main.cf.
    std::string_view setting(std::string_view service, std::string_view parameter) const;
    bool is_yes(std::string_view service, std::string_view parameter) const;
    // The tables that a parameter names there; none when it is empty.
    const Tables& tables_of(std::string_view service, std::string_view parameter) const;
};

// The parameters of main.cf that anything here looks at.
std::vector<std::string> parameters_of_interest();

// "a, b c" -> a, b, c; a part in braces is one.
std::vector<std::string> words_of(std::string_view value);

// What a file of ours can hold; Postfix takes any octets.
bool is_utf8(std::string_view text);

} // namespace sendconnector::conf::site
