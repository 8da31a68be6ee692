// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/plan_view.hpp"

#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

using ChangeKind = conf::postfix::Change::Kind;

struct Words {
    const char* people;
    const char* programs;
};

Words words_of(ChangeKind kind) {
    switch (kind) {
    case ChangeKind::add_service:
        return {"add service ", "add_service"};
    case ChangeKind::change_service:
        return {"change service ", "change_service"};
    case ChangeKind::remove_service:
        return {"remove service ", "remove_service"};
    case ChangeKind::add_file:
        return {"add file ", "add_file"};
    case ChangeKind::change_file:
        return {"change file ", "change_file"};
    case ChangeKind::remove_file:
        return {"remove file ", "remove_file"};
    case ChangeKind::set_parameter:
        return {"set in main.cf ", "set_parameter"};
    case ChangeKind::state:
        return {"record in ", "state"};
    }
    return {"", ""};
}

} // namespace

std::string to_string(const conf::postfix::Change& change) {
    return words_of(change.kind).people + change.what;
}

Json to_json(const std::vector<conf::postfix::Change>& changes, bool contents) {
    Json array = Json::array();
    for (const conf::postfix::Change& change : changes) {
        Json& json =
            array.emplace_back(Json{{"kind", words_of(change.kind).programs}, {"what", change.what}});
        if (contents) {
            json["before"] = change.before;
            json["after"] = change.after;
        }
    }
    return array;
}

} // namespace sendconnector::ctl
