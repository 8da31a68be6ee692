// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/smart_host_trial.hpp"

#include "milter/ctl/certificate_words.hpp"
#include "milter/ctl/login_trials.hpp"
#include "milter/ctl/validation_view.hpp"
#include "milter/ctl/watched_validation.hpp"
#include "policy/certificate/name_match.hpp"

#include <algorithm>
#include <chrono>

namespace sendconnector::ctl {
namespace {

using policy::RequiredName;
using starttls::AddressReport;
using starttls::ProbeStage;

// RFC 6409: who sends there logs in.
constexpr std::string_view submission_port = ":587";

std::string key_of(const WizardAnswers& answers) {
    return answers.smart_hosts + "\n" + answers.port + "\n" + answers.ca_file;
}

bool spoke(const AddressReport& address) {
    return !address.probe.greeting.empty();
}

bool carries(const AddressReport& address, const RequiredName& name) {
    const std::vector<policy::Certificate> chain = chain_of(address);
    return !chain.empty() && policy::matches(chain.front(), name);
}

} // namespace

tl::expected<SmartHostTrial, std::vector<Error>> SmartHostTrial::run(Context& context,
                                                                     const WizardAnswers& answers) {
    auto planned = planned_connector(context, trial_of(answers));
    if (!planned)
        return tl::unexpected(planned.error());
    SmartHostTrial trial;
    trial.m_of = key_of(answers);
    trial.m_planned = std::make_unique<const PlannedConnector>(std::move(*planned));
    trial.m_tried =
        try_watched(context, trial.m_planned->configuration, hops_of(trial.m_planned->connector(), ""));
    return trial;
}

template <class Each>
bool SmartHostTrial::all_answering(const Each& each) const {
    for (const TriedHop& hop : m_tried.front().hops)
        for (const AddressReport& address : hop.report.addresses)
            if (spoke(address) && !each(hop, address))
                return false;
    return true;
}

bool SmartHostTrial::is_of(const WizardAnswers& answers) const {
    return m_of == key_of(answers);
}

std::string SmartHostTrial::text(const Paint& paint) const {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return text_of(m_tried.front(), now, paint);
}

bool SmartHostTrial::was_answered() const {
    return !all_answering([](const TriedHop&, const AddressReport&) { return false; });
}

bool SmartHostTrial::is_untrusted() const {
    return !all_answering([](const TriedHop&, const AddressReport& address) {
        return !address.verdict ||
               std::ranges::none_of(address.verdict->flaws, [](const policy::CertificateFlaw& flaw) {
                   return flaw.reason == policy::CertificateReason::untrusted_root ||
                          flaw.reason == policy::CertificateReason::partial_chain;
               });
    });
}

bool SmartHostTrial::offers_login() const {
    return !all_answering([](const TriedHop& hop, const AddressReport& address) {
        const auto& offers = address.probe.ehlo;
        return !hop.hop.next_hop.ends_with(submission_port) &&
               std::ranges::none_of(offers, [](const std::string& one) { return one.starts_with("AUTH"); });
    });
}

std::string_view SmartHostTrial::strictest() const {
    const bool has_tls = was_answered() && all_answering([](const TriedHop&, const AddressReport& address) {
                             return address.probe.stage == ProbeStage::done;
                         });
    if (!has_tls)
        return tls_choice::opportunistic;
    if (result() != HopResult::passes)
        return tls_choice::encrypted;
    return common_name().empty() ? tls_choice::certificate : tls_choice::domain;
}

std::string SmartHostTrial::common_name() const {
    const TriedConnector& tried = m_tried.front();
    if (!was_answered())
        return {};
    const auto all_carry = [&](const RequiredName& name) {
        return all_answering(
            [&](const TriedHop&, const AddressReport& address) { return carries(address, name); });
    };
    std::string name;
    for (const TriedHop& hop : tried.hops) {
        if (hop.hop.host->is_address())
            return {};
        const std::string& host = hop.hop.host->host();
        name = name.empty() || name == host ? host : "*";
    }
    if (name != "*")
        return all_carry({RequiredName::Kind::exact, name}) ? name : std::string();
    // Several names: what stands behind the first label of each, when it is one and not a top-level domain.
    for (const TriedHop& hop : tried.hops) {
        const std::string& host = hop.hop.host->host();
        const std::string parent = host.substr(std::min(host.find('.') + 1, host.size()));
        if (name != "*" && name != parent)
            return {};
        name = parent;
    }
    const bool is_domain = name.find('.') != std::string::npos;
    return is_domain && all_carry({RequiredName::Kind::below, name}) ? "*." + name : std::string();
}

AuthTrial SmartHostTrial::log_in(const conf::Credential& credential) const {
    AuthTrial trial{AuthTrial::Result::unknown, {}, "not tried: no smart host answered"};
    for (const TriedHop& hop : m_tried.front().hops) {
        trial = try_login(hop, credential);
        if (trial.result != AuthTrial::Result::unknown)
            break;
    }
    return trial;
}

} // namespace sendconnector::ctl
