// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/plan_view.hpp"

#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

using Kind = conf::postfix::Change::Kind;

struct Words {
    const char* people;
    const char* programs;
};

Words words_of(Kind kind) {
    switch (kind) {
    case Kind::add_service:
        return {"add service ", "add_service"};
    case Kind::change_service:
        return {"change service ", "change_service"};
    case Kind::remove_service:
        return {"remove service ", "remove_service"};
    case Kind::add_file:
        return {"add file ", "add_file"};
    case Kind::change_file:
        return {"change file ", "change_file"};
    case Kind::remove_file:
        return {"remove file ", "remove_file"};
    case Kind::set_parameter:
        return {"set in main.cf ", "set_parameter"};
    case Kind::state:
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
