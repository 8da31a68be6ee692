// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/verified_hops.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

std::string text_at(const nlohmann::json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<double> number_at(const nlohmann::json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
}

std::optional<bool> bool_at(const nlohmann::json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_boolean() ? std::optional(found->get<bool>()) : std::nullopt;
}

VerifiedHop::Address address_of(const nlohmann::json& json) {
    return {.address = text_at(json, "address"),
            .host = text_at(json, "host"),
            .passes = bool_at(json, "passes"),
            .reason = text_at(json, "reason"),
            .protocol = text_at(json, "protocol"),
            .cipher = text_at(json, "cipher"),
            .subject = text_at(json, "subject"),
            .not_after = text_at(json, "not_after"),
            .fingerprint = text_at(json, "fingerprint")};
}

VerifiedHop hop_of(const nlohmann::json& json) {
    VerifiedHop hop{.connector = text_at(json, "connector"),
                    .service = text_at(json, "service"),
                    .next_hop = text_at(json, "next_hop"),
                    .state = text_at(json, "state"),
                    .reason = text_at(json, "reason"),
                    .policy = text_at(json, "policy"),
                    .checked_at = text_at(json, "checked_at"),
                    .age_seconds = number_at(json, "age_seconds"),
                    .good_until = text_at(json, "good_until"),
                    .next_check_seconds = number_at(json, "next_check_seconds"),
                    .addresses = {}};
    if (const auto listed = json.find("addresses"); listed != json.end() && listed->is_array())
        for (const nlohmann::json& address : *listed)
            if (address.is_object())
                hop.addresses.push_back(address_of(address));
    return hop;
}

} // namespace

std::vector<VerifiedHop> verified_hops(const nlohmann::json& answer) {
    std::vector<VerifiedHop> hops;
    if (const auto listed = answer.find("next_hops"); listed != answer.end() && listed->is_array())
        for (const nlohmann::json& hop : *listed)
            if (hop.is_object())
                hops.push_back(hop_of(hop));
    return hops;
}

tl::expected<std::vector<VerifiedHop>, ControlFailure> ask_verified_hops(const std::string& control_socket) {
    const ControlAnswer answer = ask_daemon(control_socket, "tls", control_patience);
    if (!answer)
        return tl::unexpected<ControlFailure>(answer.error());
    if (!answer->at("ok").get<bool>())
        return tl::unexpected<ControlFailure>(
            ControlFailure{ControlFailure::Kind::bad_answer, errors_of(*answer).front()});
    return verified_hops(*answer);
}

std::string span_text(std::optional<double> seconds) {
    if (!seconds)
        return {};
    const auto whole = static_cast<long>(*seconds);
    if (whole < 120)
        return fmt::format("{} s", whole);
    if (whole < 2 * 3600)
        return fmt::format("{} min", whole / 60);
    return whole < 2 * 86'400 ? fmt::format("{} h", whole / 3600) : fmt::format("{} d", whole / 86'400);
}

} // namespace sendconnector::ctl
