// SPDX-License-Identifier: Apache-2.0
// SmartHostRecord: which smart hosts the last apply took into production, and under which rule. applied.json
// says the same of services; a service does not change when a smart host does.
#pragma once

#include "conf/configuration.hpp"
#include "conf/postfix/applied.hpp"
#include "milter/ctl/validation.hpp"
#include "policy/result.hpp"

#include <map>
#include <string>
#include <vector>

namespace sendconnector::ctl {

class SmartHostRecord {
public:
    // STATE/smart_hosts.json. None there, or one that cannot be read: nothing is known to be in production.
    static SmartHostRecord read(const std::string& state_directory);

    // What a configuration would take into production: every smart host whose session has to be under TLS.
    explicit SmartHostRecord(const conf::Configuration& configuration);
    Result<void> write(const std::string& state_directory) const;

    // Those of `configuration` that are new here, or under another rule, or whose connector is not in
    // production as it is.
    std::vector<HopToTry> news(const conf::Configuration& configuration,
                               const conf::postfix::Applied& applied) const;

    friend bool operator==(const SmartHostRecord&, const SmartHostRecord&) = default;

private:
    SmartHostRecord() = default;
    std::map<std::string, std::map<std::string, std::string>> m_rules; // by service, by next-hop
};

} // namespace sendconnector::ctl
