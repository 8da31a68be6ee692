// SPDX-License-Identifier: Apache-2.0
#include "milter/daemon/tls_view.hpp"

#include "milter/daemon/status.hpp"

#include <nlohmann/json.hpp>

namespace sendconnector::daemon {

using nlohmann::json;

namespace {

json time_of(const std::optional<std::chrono::system_clock::time_point>& time) {
    return time ? json(utc(*time)) : json();
}

json seconds_of(const std::optional<std::chrono::seconds>& seconds) {
    return seconds ? json(seconds->count()) : json();
}

json view_of(const starttls::HopStatus::Address& address) {
    return {{"address", address.address},        {"host", address.host},
            {"passes", address.passes},          {"reason", address.reason},
            {"protocol", address.protocol},      {"cipher", address.cipher},
            {"subject", address.subject},        {"not_after", time_of(address.not_after)},
            {"fingerprint", address.fingerprint}};
}

json view_of(const starttls::HopStatus& hop) {
    json addresses = json::array();
    for (const auto& address : hop.addresses) {
        addresses.push_back(view_of(address));
    }
    return {{"connector", hop.connector},
            {"service", hop.service},
            {"next_hop", hop.next_hop},
            {"state", hop.state},
            {"reason", hop.reason},
            {"policy", hop.policy},
            {"checked_at", time_of(hop.checked_at)},
            {"age_seconds", seconds_of(hop.age)},
            {"good_until", time_of(hop.good_until)},
            {"next_check_seconds", seconds_of(hop.next_check)},
            {"addresses", std::move(addresses)}};
}

} // namespace

json tls_view(const std::vector<starttls::HopStatus>& hops) {
    json list = json::array();
    for (const auto& hop : hops) {
        list.push_back(view_of(hop));
    }
    return {{"ok", true}, {"next_hops", std::move(list)}};
}

} // namespace sendconnector::daemon
