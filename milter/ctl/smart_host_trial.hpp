// SPDX-License-Identifier: Apache-2.0
// SmartHostTrial: the smart hosts that the wizard has been told of, tried before there is a connector, and
// what that suggests.
#pragma once

#include "conf/secrets.hpp"
#include "milter/ctl/context.hpp"
#include "milter/ctl/planned_connector.hpp"
#include "milter/ctl/validation.hpp"
#include "milter/ctl/wizard_answers.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sendconnector::ctl {

class SmartHostTrial {
public:
    // Tries them by the strictest rule, certificate and all, under a bar on the terminal. Fails when there
    // could be no such connector.
    static tl::expected<SmartHostTrial, std::vector<Error>> run(Context& context,
                                                                const WizardAnswers& answers);

    // Whether `answers` still name the smart hosts that were tried.
    bool is_of(const WizardAnswers& answers) const;
    // As `validate` prints it.
    std::string text(const Paint& paint) const;
    HopResult result() const { return m_tried.front().result(); }
    // Whether one of them spoke SMTP with us at all.
    bool was_answered() const;
    // Whether a certificate is from an authority that is not trusted.
    bool is_untrusted() const;
    // Whether one offers a login, as far as it says so before TLS.
    bool offers_login() const;
    // One of the words of tls_choice: the strictest rule that they all keep; `opportunistic` when that cannot
    // be told.
    std::string_view strictest() const;
    // The name or *.name that all their certificates carry; empty when there is none.
    std::string common_name() const;
    // One login at one smart host that keeps the rule.
    AuthTrial log_in(const conf::Credential& credential) const;

private:
    SmartHostTrial() = default;
    // Calls `each(hop, address)` for every address that answered, until it returns false; whether it never
    // did.
    template <class Each>
    bool all_answering(const Each& each) const;

    std::string m_of;
    std::unique_ptr<const PlannedConnector> m_planned; // m_tried points into it
    std::vector<TriedConnector> m_tried;
};

} // namespace sendconnector::ctl
