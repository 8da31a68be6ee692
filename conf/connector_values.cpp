// SPDX-License-Identifier: Apache-2.0
#include "conf/connector_values.hpp"

#include "conf/certificate_name.hpp"
#include "conf/choice.hpp"
#include "conf/failure_code.hpp"
#include "conf/file_path.hpp"
#include "conf/host_name.hpp"
#include "conf/plain_text.hpp"
#include "conf/source_address.hpp"
#include "conf/time_span.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fmt/format.h>

namespace sendconnector::conf {

namespace {

constexpr std::size_t longest_name = 64;
constexpr std::size_t longest_file_name = 255;
constexpr std::chrono::seconds shortest_inactivity{1};
constexpr std::chrono::seconds longest_inactivity{24 * 60 * 60};
constexpr std::string_view plain_octets =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:[]._/@+-";

enum class Mechanism {
    none,
    basic_auth,
    basic_auth_require_tls,
    exchange_server,
    external_authoritative,
    oauth2
};
constexpr Choice<Mechanism> mechanism_words[] = {
    {"None", Mechanism::none},
    {"BasicAuth", Mechanism::basic_auth},
    {"BasicAuthRequireTLS", Mechanism::basic_auth_require_tls},
    {"ExchangeServer", Mechanism::exchange_server},
    {"ExternalAuthoritative", Mechanism::external_authoritative},
    {"OAuth2", Mechanism::oauth2},
};
constexpr Choice<policy::SenderIdentity> identity_words[] = {
    {"envelope", policy::SenderIdentity::envelope},
    {"header-from", policy::SenderIdentity::header_from},
    {"login", policy::SenderIdentity::login},
};
constexpr Choice<bool policy::Routes::*> route_words[] = {
    {"default", &policy::Routes::by_default},
    {"relay", &policy::Routes::relay},
    {"transport", &policy::Routes::transport},
};

} // namespace

Result<void> store_name(ConnectorDraft& draft, std::string_view text) {
    if (text.empty()) {
        return fail("is empty", "give the connector a name of 1 to 64 characters");
    }
    if (const std::size_t length = length_of(text); length > longest_name) {
        return fail(fmt::format("{} is {} characters long", in_quotes(text), length),
                    fmt::format("use {} characters at most", longest_name));
    }
    if (text.front() == ' ' || text.back() == ' ') {
        return fail(in_quotes(text) + " begins or ends with a blank", "remove the blank");
    }
    if (text.find('"') != std::string_view::npos) {
        return fail("a connector's name cannot hold quotation marks",
                    "remove them: messages and logs put the name in quotes");
    }
    draft.connector.name = text;
    return {};
}

Result<void> store_comment(ConnectorDraft& draft, std::string_view text) {
    draft.connector.comment = text;
    return {};
}

Result<void> store_fqdn(ConnectorDraft& draft, std::string_view text) {
    if (text.empty()) {
        draft.connector.fqdn.clear();
        return {};
    }
    return parse_host_name(text).map([&](std::string&& host) { draft.connector.fqdn = std::move(host); });
}

Result<void> store_source_address(ConnectorDraft& draft, std::string_view text) {
    const auto address = parse_source_address(text);
    if (!address) {
        return tl::unexpected(address.error());
    }
    bool& taken = address->is_ipv6 ? draft.has_source_ipv6 : draft.has_source_ipv4;
    if (taken) {
        return fail(
            fmt::format("{} is the second {} address", in_quotes(text), address->is_ipv6 ? "IPv6" : "IPv4"),
            "keep one IPv4 and one IPv6 address at most");
    }
    taken = true;
    (address->is_ipv6 ? draft.connector.source_ipv6 : draft.connector.source_ipv4) = address->address;
    return {};
}

Result<void> store_mechanism(ConnectorDraft& draft, std::string_view text) {
    const auto chosen = choose(text, mechanism_words);
    if (!chosen) {
        return tl::unexpected(chosen.error());
    }
    using policy::AuthMechanism;
    draft.wants_oauth2 = *chosen == Mechanism::oauth2;
    switch (*chosen) {
    case Mechanism::none:
    case Mechanism::oauth2:
        draft.connector.auth_mechanism = AuthMechanism::none;
        break;
    case Mechanism::basic_auth:
        draft.connector.auth_mechanism = AuthMechanism::basic_auth;
        break;
    case Mechanism::basic_auth_require_tls:
        draft.connector.auth_mechanism = AuthMechanism::basic_auth_require_tls;
        break;
    case Mechanism::exchange_server:
        draft.connector.auth_mechanism = AuthMechanism::exchange_server;
        break;
    case Mechanism::external_authoritative:
        draft.connector.auth_mechanism = AuthMechanism::external_authoritative;
        break;
    }
    return {};
}

Result<void> store_credential(ConnectorDraft& draft, std::string_view text) {
    if (text.empty() || text.front() == '.' || text.find('/') != std::string_view::npos ||
        text.size() > longest_file_name) {
        return fail(in_quotes(text) + " is not the name of a file in credentials.d",
                    "write the file's name only, without a folder and not beginning with a dot");
    }
    draft.connector.authentication_credential = text;
    return {};
}

Result<void> store_route(ConnectorDraft& draft, std::string_view text) {
    const auto chosen = choose(text, route_words);
    if (!chosen) {
        return tl::unexpected(chosen.error());
    }
    bool& taken = draft.connector.routes.*(*chosen);
    if (taken) {
        return fail(in_quotes(text) + " is listed twice", "remove one of the two");
    }
    taken = true;
    return {};
}

Result<void> store_failure_code(ConnectorDraft& draft, std::string_view text) {
    return parse_failure_code(text).map(
        [&](const FailureCode& code) { draft.connector.custom_failure_codes.push_back(code.text()); });
}

Result<policy::SenderIdentity> parse_sender_identity(std::string_view text) {
    return choose(text, identity_words);
}

Result<std::string> parse_certificate_name(std::string_view text) {
    if (text.starts_with("<")) {
        return CertificateName::parse(text).map([&](const CertificateName&) { return std::string(text); });
    }
    return parse_path(text);
}

Result<std::string> parse_policy_map(std::string_view text) {
    const auto refused = [&](std::string_view why) {
        return fail(fmt::format("{} {}", in_quotes(text), why),
                    "write socketmap:inet:127.0.0.1:8461:postfix, or whatever the resolver's manual has for "
                    "smtp_tls_policy_maps");
    };
    // What has a meaning of its own in main.cf or between the braces of pipemap_table(5).
    if (const auto at = text.find_first_not_of(plain_octets); at != std::string_view::npos) {
        return refused(fmt::format("holds {}, which Postfix cannot take there",
                                   text[at] == ' ' ? std::string("a blank") : in_quotes(text.substr(at, 1))));
    }
    const bool inet = text.starts_with("socketmap:inet:");
    if (!inet && !text.starts_with("socketmap:unix:")) {
        return refused("is not a socketmap of Postfix");
    }
    const std::string_view rest = text.substr(std::string_view("socketmap:inet:").size());
    const auto name = rest.rfind(':');
    if (name == std::string_view::npos || name == 0 || name + 1 == rest.size()) {
        return refused("does not say what to ask for, behind a last colon");
    }
    const std::string_view place = rest.substr(0, name);
    if (!inet) {
        return std::string(text);
    }
    const auto port = place.rfind(':');
    const std::string_view host = place.substr(0, std::min(port, place.size()));
    std::uint16_t number = 0;
    if (port == std::string_view::npos || host.empty() ||
        std::from_chars(place.data() + port + 1, place.data() + place.size(), number).ptr !=
            place.data() + place.size() ||
        number == 0) {
        return refused("does not name a host and a port");
    }
    return std::string(text);
}

Result<void> store_inactivity_timeout(ConnectorDraft& draft, std::string_view text) {
    const auto span = parse_time_span(text);
    if (!span) {
        return tl::unexpected(span.error());
    }
    if (*span < shortest_inactivity || *span > longest_inactivity) {
        return fail(in_quotes(text) + " is out of range",
                    fmt::format("use {} to {}", time_span_text(shortest_inactivity),
                                time_span_text(longest_inactivity)));
    }
    draft.connector.connection_inactivity_timeout = *span;
    return {};
}

} // namespace sendconnector::conf
