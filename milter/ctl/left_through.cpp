// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/left_through.hpp"

#include "milter/mail_header/ip_address.hpp"
#include "policy/decide.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::ctl {
namespace {

using mail_header::Hop;
using mail_header::Received;
using policy::SendConnector;

constexpr int strong = 2;

struct Match {
    int score = 0;
    bool is_by_fqdn = false;
    std::vector<std::string> evidence;
};

std::string comparable(std::string_view host) {
    return policy::comparable_domain(host);
}

bool is_ours(std::string_view name, const OurHost& host) {
    const std::string wanted = comparable(name);
    return !wanted.empty() &&
           (std::ranges::any_of(host.names,
                                [&](const std::string& one) { return comparable(one) == wanted; }) ||
            comparable(host.helo_name) == wanted);
}

// "mail.protection.outlook.com" of a host in it; empty where that is a top-level domain.
std::string domain_of(std::string_view host) {
    const std::size_t dot = host.find('.');
    const std::string_view domain = dot == std::string_view::npos ? std::string_view() : host.substr(dot + 1);
    return domain.find('.') == std::string_view::npos ? std::string() : std::string(domain);
}

// What the server that took the message says of itself, against a connector's smart hosts.
void match_server(const SendConnector& connector, const Received& received, const std::string& by,
                  Match& match) {
    for (const policy::SmartHost& smart_host : connector.smart_hosts) {
        if (smart_host.is_address() ? mail_header::ip_address(smart_host.host()) == received.by_address &&
                                          !received.by_address.empty()
                                    : smart_host.host() == by) {
            match.score += strong;
            match.evidence.push_back(fmt::format("{} is its smart host", smart_host.host()));
            return;
        }
    }
    for (const policy::SmartHost& smart_host : connector.smart_hosts) {
        const std::string domain = smart_host.is_address() ? std::string() : domain_of(smart_host.host());
        if (!domain.empty() && policy::is_or_below(by, domain)) {
            ++match.score;
            match.evidence.push_back(
                fmt::format("{} is in the domain of its smart host {}", by, smart_host.host()));
            return;
        }
    }
}

// `from` and `by`: the same in the form in which names are compared.
Match match_of(const SendConnector& connector, const Received& received, const std::string& from,
               const std::string& by) {
    Match match;
    if (!connector.fqdn.empty() && policy::fold_case(connector.fqdn) == from) {
        match.score += strong;
        match.is_by_fqdn = true;
        match.evidence.push_back(fmt::format("HELO {} is its fqdn", connector.fqdn));
    }
    match_server(connector, received, by, match);
    for (const std::string& source : {connector.source_ipv4, connector.source_ipv6})
        if (!source.empty() && mail_header::ip_address(source) == received.from_address) {
            match.score += strong;
            match.evidence.push_back(fmt::format("{} is its source address", source));
        }
    return match;
}

class Recognizer {
public:
    Recognizer(const mail_header::Hops& way, std::string_view return_path, const policy::Policy& policy,
               const OurHost& host)
        : m_way(way), m_return_path(return_path), m_policy(policy), m_host(host) {}

    std::optional<LeftThrough> at(std::size_t hop) const {
        const Received& received = m_way.hops[hop].received;
        if (is_ours(received.by, m_host))
            return std::nullopt;
        const bool is_from_us =
            (hop > 0 && is_ours(m_way.hops[hop - 1].received.by, m_host)) || is_ours(received.from, m_host);
        LeftThrough left{hop, {}, {}, false};
        const std::string from = comparable(received.from);
        const std::string by = comparable(received.by);
        int best = 0;
        for (const SendConnector& connector : m_policy.connectors()) {
            Match match = match_of(connector, received, from, by);
            // Others use the same smart hosts.
            if (match.score == 0 || match.score < best || !(match.is_by_fqdn || is_from_us))
                continue;
            if (match.score > best)
                left = {hop, {}, std::move(match.evidence), false};
            best = match.score;
            left.connectors.push_back(&connector);
        }
        if (best == 0 && !is_from_us)
            return std::nullopt;
        const SendConnector* chosen = chosen_now(hop);
        if (best == 0) {
            if (chosen == nullptr)
                return std::nullopt;
            return LeftThrough{hop, {chosen}, {"the configuration chooses it now for this sender"}, true};
        }
        if (left.connectors.size() > 1 &&
            std::ranges::find(left.connectors, chosen) != left.connectors.end()) {
            left.connectors = {chosen};
            left.evidence.push_back("of those that fit, the configuration chooses it now for this sender");
        }
        return left;
    }

private:
    // For the sender and, where a field tells, the recipient.
    const SendConnector* chosen_now(std::size_t hop) const {
        std::string_view sender = m_return_path;
        if (sender.starts_with('<') && sender.ends_with('>'))
            sender = sender.substr(1, sender.size() - 2);
        if (m_return_path.empty())
            return nullptr;
        std::string recipient = m_way.hops[hop].received.recipient;
        if (recipient.empty() && hop > 0)
            recipient = m_way.hops[hop - 1].received.recipient;
        const policy::Sender from = m_policy.parse_sender(sender);
        const std::size_t at = recipient.rfind('@');
        if (at == std::string::npos) {
            const policy::SenderDecision decision = policy::decide_by_sender(m_policy, from);
            return decision.alone == policy::SenderAlone::decides ? chosen_by(decision.decision) : nullptr;
        }
        const std::string domain = comparable(std::string_view(recipient).substr(at + 1));
        const policy::Identities identities{from};
        return chosen_by(policy::decide(m_policy, {.from = identities, .recipient_domain = domain}));
    }

    static const SendConnector* chosen_by(const policy::Decision& decision) {
        return decision.outcome == policy::Outcome::connector ? decision.connector : nullptr;
    }

    const mail_header::Hops& m_way;
    std::string_view m_return_path;
    const policy::Policy& m_policy;
    const OurHost& m_host;
};

} // namespace

std::vector<LeftThrough> left_through(const mail_header::Hops& way, std::string_view return_path,
                                      const policy::Policy& policy, const OurHost& host) {
    // A message with more hops than this is no message; connectors times hops have to stay few.
    constexpr std::size_t most_hops = 200;
    std::vector<LeftThrough> found;
    const Recognizer recognizer(way, return_path, policy, host);
    for (std::size_t hop = 0; hop < std::min(way.hops.size(), most_hops); ++hop)
        if (auto left = recognizer.at(hop))
            found.push_back(std::move(*left));
    return found;
}

} // namespace sendconnector::ctl
