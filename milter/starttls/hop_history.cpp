// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/hop_history.hpp"

#include "milter/endpoint/log_text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace sendconnector::starttls {

namespace {

constexpr std::size_t most_remembered_leaves = 16;
constexpr std::size_t longest_refusal = 400;

bool broke_the_rule(const AddressReport& address) {
    using Kind = ProbeFailure::Kind;
    if (address.passes) {
        return false;
    }
    if (address.verdict && !address.verdict->accepted()) {
        return true;
    }
    if (!address.probe.failure) {
        return false;
    }
    const auto kind = address.probe.failure->kind;
    return kind == Kind::not_offered || kind == Kind::protocol || kind == Kind::injected ||
           kind == Kind::handshake;
}

// The one that says most about why nothing passed.
const AddressReport* telling(const HopReport& report) {
    const auto found = std::find_if(report.addresses.begin(), report.addresses.end(), broke_the_rule);
    if (found != report.addresses.end()) {
        return &*found;
    }
    return report.addresses.empty() ? nullptr : &report.addresses.front();
}

std::string refusal_of(const HopReport& report) {
    const auto* address = telling(report);
    if (address == nullptr) {
        return fmt::format("4.7.5 {} cannot be verified: {}", report.next_hop,
                           endpoint::printable(report.resolved.reason));
    }
    const auto where =
        fmt::format(" ({}, {})", report.next_hop, address->address.endpoint.address().to_string());
    const bool no_starttls = !address->verdict && address->probe.failure &&
                             address->probe.failure->kind == ProbeFailure::Kind::not_offered;
    if (no_starttls) {
        return fmt::format("4.7.4 STARTTLS is required to send mail: {}{}",
                           endpoint::printable(address->probe.failure->text, longest_refusal), where);
    }
    const auto reason = endpoint::printable(address->reason, longest_refusal);
    return address->verdict && !address->verdict->accepted()
               ? fmt::format("4.7.5 Certificate validation failure, Reason:{}{}", reason, where)
               : fmt::format("4.7.5 TLS cannot be verified, {}{}", reason, where);
}

// Whether smtp(8), told "secure" and the name, would come to the same verdict on its own, whatever
// certificate it meets by then. It knows no revocation, so that is only where the connector wants none; no
// strength of keys other than what is usual; builds one path only, which must end at a self-signed authority
// of its list; and has no names that are addresses.
bool is_as_postfix_judges(const policy::Verdict& verdict, const policy::CertificateRules& rules) {
    const policy::CertificateRules usual;
    const bool address = !rules.name.text.empty() &&
                         rules.name.text.find_first_not_of("0123456789abcdef.:") == std::string::npos &&
                         (rules.name.text.find(':') != std::string::npos ||
                          rules.name.text.find_first_not_of("0123456789.") == std::string::npos);
    return rules.revocation == policy::Revocation::off && rules.minimum_rsa_bits == usual.minimum_rsa_bits &&
           !rules.allow_weak_signatures && !address && verdict.only_path && verdict.path.size() > 1 &&
           verdict.path.back().is_self_issued();
}

std::string leaf_of(const policy::PresentedChain& presented) {
    return presented.certificates.empty() ? std::string() : presented.certificates.front();
}

} // namespace

void HopHistory::take(HopReport report, const HopRequest& request, const Ages& ages, const Moment& now,
                      bool forget) {
    const bool tells = std::any_of(report.addresses.begin(), report.addresses.end(),
                                   [](const auto& one) { return one.passes || broke_the_rule(one); });
    if (!tells && !forget && m_state == HopState::verified) {
        const auto current = view(ages);
        if (std::any_of(current.leaves.begin(), current.leaves.end(),
                        [&](const auto& leaf) { return leaf.holds(now); })) {
            const auto* address = telling(report);
            m_reason = address == nullptr ? report.resolved.reason : address->reason;
            m_refresh_at = now.clock + ages.failure_lifetime;
            return;
        }
    }
    remember_leaves(ages, now, forget);
    m_report = std::move(report);
    m_checked = now.clock;
    m_refresh_at = now.clock + ages.refresh_after;
    std::erase_if(m_farm, [&](const Leaf& leaf) {
        return std::any_of(m_report.addresses.begin(), m_report.addresses.end(), [&](const auto& address) {
            return leaf_of(address.probe.presented) == leaf_of(leaf.presented);
        });
    });
    settle(request, ages, now);
}

void HopHistory::remember_leaves(const Ages& ages, const Moment& now, bool forget) {
    if (forget) {
        m_farm.clear();
        return;
    }
    for (auto& address : m_report.addresses) {
        if (address.passes && address.verdict) {
            m_farm.push_back({std::move(address.probe.presented), std::move(*address.verdict), m_checked});
        }
    }
    std::erase_if(m_farm, [&](const Leaf& leaf) { return now.clock >= leaf.seen + ages.verdict_lifetime; });
    // The latest of each leaf, and the latest of all.
    std::stable_sort(m_farm.begin(), m_farm.end(),
                     [](const Leaf& a, const Leaf& b) { return a.seen > b.seen; });
    std::vector<Leaf> kept;
    for (auto& leaf : m_farm) {
        const bool known = std::any_of(kept.begin(), kept.end(), [&](const Leaf& other) {
            return leaf_of(other.presented) == leaf_of(leaf.presented);
        });
        if (!known && kept.size() < most_remembered_leaves) {
            kept.push_back(std::move(leaf));
        }
    }
    m_farm = std::move(kept);
}

// From the report, whatever it says by now, to state and reason.
void HopHistory::settle(const HopRequest& request, const Ages& ages, const Moment& now) {
    const auto& addresses = m_report.addresses;
    const auto passes = [](const AddressReport& address) { return address.passes; };
    const bool any = std::any_of(addresses.begin(), addresses.end(), passes);
    const bool broken = std::any_of(addresses.begin(), addresses.end(), broke_the_rule);
    m_state = any ? HopState::verified : broken ? HopState::refused : HopState::unknown;
    m_secure_is_enough =
        any && request.rules && std::all_of(addresses.begin(), addresses.end(), [&](const auto& address) {
            return address.passes && is_as_postfix_judges(*address.verdict, *request.rules);
        });
    m_depends_on_revocation =
        request.rules && request.rules->revocation != policy::Revocation::off &&
        (!m_farm.empty() || std::any_of(addresses.begin(), addresses.end(),
                                        [](const auto& address) { return address.verdict.has_value(); }));
    m_refusal.clear();
    m_reason.clear();
    if (!any) {
        const auto* address = telling(m_report);
        m_reason = address == nullptr ? m_report.resolved.reason : address->reason;
        m_refusal = refusal_of(m_report);
        m_refusal_until = now.clock + ages.failure_lifetime;
    }
}

void HopHistory::fail(std::string reason, const std::string& next_hop, const Ages& ages, const Moment& now) {
    *this = HopHistory();
    m_state = HopState::unknown;
    m_checked = now.clock;
    m_report.next_hop = next_hop;
    m_report.at = std::chrono::system_clock::now();
    m_refusal = fmt::format("4.7.5 {} cannot be verified: {}", next_hop,
                            endpoint::printable(reason, longest_refusal));
    m_refusal_until = now.clock + ages.failure_lifetime;
    m_reason = std::move(reason);
}

void HopHistory::judge_again(const HopRequest& request, RevocationStore& store, const Ages& ages,
                             const Moment& now) {
    if (!request.rules) {
        return;
    }
    starttls::judge_again(m_report, request, store, now.time);
    for (auto& leaf : m_farm) {
        leaf.verdict = starttls::judge_again(leaf.presented, request, store, now.time);
    }
    const auto trouble = m_reason;
    const auto before = m_state;
    const auto until = m_refusal_until;
    settle(request, ages, now);
    if (m_state == before) {
        // Nothing new: a failure is not remembered longer for it.
        m_refusal_until = until;
        if (m_state == HopState::verified) {
            m_reason = trouble;
        }
    }
}

HopView HopHistory::view(const Ages& ages) const {
    HopView view;
    view.state = m_state;
    view.secure_is_enough = m_secure_is_enough;
    view.refusal = m_refusal;
    view.refusal_until = m_refusal_until;
    view.refresh_at = m_refresh_at;
    const auto add = [&](const policy::Verdict& verdict, std::chrono::steady_clock::time_point seen,
                         bool latest) {
        if (!verdict.accepted() || verdict.path.empty()) {
            return;
        }
        HopView::Leaf leaf{verdict.path.front().fingerprint(), verdict.good_until,
                           seen + ages.verdict_lifetime, latest};
        const auto known = std::find_if(view.leaves.begin(), view.leaves.end(), [&](const auto& other) {
            return other.fingerprint == leaf.fingerprint;
        });
        if (known == view.leaves.end()) {
            view.leaves.push_back(std::move(leaf));
        } else {
            known->until = std::max(known->until, leaf.until);
        }
    };
    for (const auto& address : m_report.addresses) {
        if (address.passes && address.verdict) {
            add(*address.verdict, m_checked, true);
        }
    }
    for (const auto& leaf : m_farm) {
        add(leaf.verdict, leaf.seen, false);
    }
    return view;
}

} // namespace sendconnector::starttls
