// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_header/authentication.hpp"

#include "milter/mail_header/tag_list.hpp"

#include <algorithm>
#include <map>

namespace sendconnector::mail_header {
namespace {

constexpr int last_instance = 50;

Signature signature_of(const Field& field) {
    const TagList tags = TagList::parse(field.value);
    Signature signature{.field = field.key,
                        .domain = std::string(tags["d"]),
                        .selector = std::string(tags["s"]),
                        .algorithm = std::string(tags["a"]),
                        .identity = {},
                        .instance = 0,
                        .chain = std::string(tags["cv"]),
                        .line = field.line};
    if (field.key == "dkim-signature")
        signature.identity = tags["i"];
    else
        signature.instance = std::max(number_of(tags["i"]), 0);
    return signature;
}

Statement statement_of(const Field& field) {
    Statement statement = field.key == "received-spf" ? parse_received_spf(field.value)
                                                      : parse_authentication_results(field.value);
    statement.field = field.key;
    statement.line = field.line;
    return statement;
}

// Of two fields with one number the first counts; that there are two is not whole.
template <class Part>
bool put(std::optional<Part>& place, Part part) {
    if (place)
        return false;
    place = std::move(part);
    return true;
}

bool says(const Statement& statement, std::string_view method) {
    return std::ranges::find(statement.results, method, &MethodResult::method) != statement.results.end();
}

} // namespace

const Statement* Authentication::stated_by(std::string_view method) const {
    const auto found =
        std::ranges::find_if(statements, [&](const Statement& statement) { return says(statement, method); });
    return found == statements.end() ? nullptr : &*found;
}

const MethodResult* Authentication::verdict(std::string_view method) const {
    const Statement* statement = stated_by(method);
    return statement == nullptr ? nullptr
                                : &*std::ranges::find(statement->results, method, &MethodResult::method);
}

Authentication authentication_of(const Header& header) {
    Authentication found;
    std::map<int, ArcSet> sets;
    bool is_whole = true;
    for (const Field& field : header.fields) {
        if (field.key == "authentication-results" || field.key == "received-spf") {
            found.statements.push_back(statement_of(field));
        } else if (field.key == "dkim-signature") {
            found.signatures.push_back(signature_of(field));
        } else if (field.key == "arc-seal" || field.key == "arc-message-signature") {
            Signature signature = signature_of(field);
            const int instance = signature.instance;
            if (instance < 1 || instance > last_instance) {
                is_whole = false;
                continue;
            }
            ArcSet& set = sets[instance];
            is_whole =
                put(field.key == "arc-seal" ? set.seal : set.signature, std::move(signature)) && is_whole;
        } else if (field.key == "arc-authentication-results") {
            Statement statement = statement_of(field);
            const int instance = statement.instance;
            if (instance < 1 || instance > last_instance) {
                is_whole = false;
                continue;
            }
            is_whole = put(sets[instance].results, std::move(statement)) && is_whole;
        }
    }
    for (auto& [instance, set] : sets) {
        set.instance = instance;
        is_whole = is_whole && set.is_complete() && instance == static_cast<int>(found.arc.size()) + 1;
        found.arc.push_back(std::move(set));
    }
    found.is_arc_whole = is_whole && !found.arc.empty();
    return found;
}

} // namespace sendconnector::mail_header
