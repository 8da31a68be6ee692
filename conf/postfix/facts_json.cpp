// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/facts_json.hpp"

#include "conf/postfix/octets.hpp"

#include <nlohmann/json.hpp>
#include <utility>

namespace sendconnector::conf::postfix {
namespace {

using nlohmann::json;

constexpr std::pair<const char*, std::vector<std::string> Facts::*> lists[] = {
    {"expansions", &Facts::expansions},
    {"sender_rewriting", &Facts::sender_rewriting},
    {"filters", &Facts::filters},
};
constexpr std::pair<const char*, std::string Facts::*> texts[] = {
    {"recipient_delimiter", &Facts::recipient_delimiter}, {"myorigin", &Facts::myorigin},
    {"default_transport", &Facts::default_transport},     {"relayhost", &Facts::relayhost},
    {"local_transport", &Facts::local_transport},         {"virtual_transport", &Facts::virtual_transport},
    {"relay_transport", &Facts::relay_transport},
};

json mark_to_json(const FileMark& mark) {
    return {mark.size, mark.changed, mark.inode};
}

FileMark mark_from_json(const json& mark) {
    return {mark.at(0).get<std::int64_t>(), mark.at(1).get<std::int64_t>(), mark.at(2).get<std::uint64_t>()};
}

} // namespace

json facts_to_json(const Facts& facts) {
    json all = {{"smtputf8", facts.smtputf8},
                {"mail_owner_uid", facts.mail_owner_uid},
                {"maximal_queue_lifetime", facts.maximal_queue_lifetime},
                {"main_cf", mark_to_json(facts.marks.main_cf)},
                {"master_cf", mark_to_json(facts.marks.master_cf)}};
    for (const auto& [name, member] : lists) {
        json& list = all[name] = json::array();
        for (const std::string& entry : facts.*member) {
            list.push_back(octets_to_text(entry));
        }
    }
    for (const auto& [name, member] : texts) {
        all[name] = octets_to_text(facts.*member);
    }
    return all;
}

Facts facts_from_json(const json& all) {
    Facts facts;
    for (const auto& [name, member] : lists) {
        for (const json& entry : all.at(name)) {
            (facts.*member).push_back(text_to_octets(entry.get<std::string>()));
        }
    }
    for (const auto& [name, member] : texts) {
        facts.*member = text_to_octets(all.at(name).get<std::string>());
    }
    facts.smtputf8 = all.at("smtputf8").get<bool>();
    facts.mail_owner_uid = all.at("mail_owner_uid").get<std::uint32_t>();
    facts.maximal_queue_lifetime = all.at("maximal_queue_lifetime").get<std::int64_t>();
    facts.marks = {mark_from_json(all.at("main_cf")), mark_from_json(all.at("master_cf"))};
    return facts;
}

} // namespace sendconnector::conf::postfix
