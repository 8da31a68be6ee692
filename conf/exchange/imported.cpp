// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/imported.hpp"

#include "conf/exchange/connector_object.hpp"
#include "conf/exchange/nested_value.hpp"
#include "conf/plain_text.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace sendconnector::conf::exchange {

namespace {

// How PowerShell shows a credential; translate() knows that it is none of our files.
constexpr std::string_view credential_text = "System.Management.Automation.PSCredential";

std::string last_part(std::string_view type) {
    return std::string(type.substr(type.rfind('.') + 1));
}

std::optional<Error> no_connector(const Object& object) {
    const bool is_other = !object.type.empty() && object.type != send_connector_type &&
                          object.type.starts_with("Microsoft.Exchange.");
    if (is_other)
        return Error{fmt::format("a {}, and no send connector", in_quotes(escaped(last_part(object.type)))),
                     "export with Get-SendConnector"};
    constexpr std::array<std::string_view, 6> known = {
        "AddressSpaces", "SmartHosts", "DNSRoutingEnabled", "Enabled", "Senders", "SourceTransportServers"};
    // The type says so: also of an object with next to nothing in it.
    if (object.type == send_connector_type)
        return std::nullopt;
    if (object.find("Bindings") != nullptr ||
        std::none_of(known.begin(), known.end(), [&](std::string_view name) { return object.find(name); }))
        return Error{"not the properties of a send connector", "export with Get-SendConnector"};
    return std::nullopt;
}

bool logs_in(const Object& object) {
    const Property* mechanism = object.find("SmartHostAuthMechanism");
    return mechanism != nullptr && mechanism->value.text() != nullptr &&
           policy::fold_case(*mechanism->value.text()).starts_with("basicauth");
}

// Values that are nowhere in the file: nothing to translate.
bool is_gone(const Property& property, const Object& object) {
    const bool beside =
        policy::fold_case(property.name) == "smarthosts" && object.find("SmartHostsString") != nullptr;
    return property.value.is_null() && !property.lost.empty() && !beside;
}

PropertyFate fate_of_gone(const Property& property) {
    return {property.name, Fate::by_hand,
            Error{"is not in the file: " + property.lost,
                  "export with Export-Clixml, which keeps it, or write it into the connector"}};
}

bool is_of(const Property& property, std::string_view folded_name) {
    return policy::fold_case(property.name) == folded_name;
}

// A credential without the mechanism it is for is no connector.
void give_up_credential(std::vector<Property>& present, std::vector<PropertyFate>& gone) {
    if (std::none_of(gone.begin(), gone.end(), [](const PropertyFate& each) {
            return policy::fold_case(each.property) == "smarthostauthmechanism";
        }))
        return;
    if (std::erase_if(present,
                      [](const Property& each) { return is_of(each, "authenticationcredential"); }) != 0)
        gone.push_back(
            {"AuthenticationCredential", Fate::by_hand,
             Error{"is for SmartHostAuthMechanism, which is not in the file", "set both together"}});
}

} // namespace

bool Imported::is_refused() const {
    return std::any_of(properties.begin(), properties.end(),
                       [](const PropertyFate& each) { return each.fate == Fate::refused; });
}

void Imported::hold_back(std::string subject, Error why) {
    properties.push_back({std::move(subject), Fate::by_hand, std::move(why)});
    m_incomplete = true;
}

Imported import_object(const Object& object) {
    Imported imported;
    imported.line = object.line;
    std::vector<Property> present;
    std::vector<PropertyFate> gone;
    bool has_credential = false;
    std::string credential_lost;
    for (const Property& property : object.properties) {
        if (policy::fold_case(property.name) == "authenticationcredential") {
            has_credential = !property.value.is_null() || !property.lost.empty();
            present.push_back({property.name,
                               property.lost.empty() ? property.value : Value(std::string(credential_text))});
            if (!has_credential)
                present.pop_back();
            credential_lost = property.lost;
        } else if (is_gone(property, object)) {
            gone.push_back(fate_of_gone(property));
        } else {
            present.push_back(property);
        }
    }
    if (!has_credential && logs_in(object))
        present.push_back({"AuthenticationCredential", Value(std::string(credential_text))});

    give_up_credential(present, gone);
    Translation all = translate(present);
    imported.name = all.name;
    imported.passed_over = no_connector(object);
    if (!imported.passed_over && imported.name.empty())
        imported.passed_over =
            Error{"a connector without a name", "export all properties, without Select-Object"};
    if (imported.passed_over)
        return imported;
    imported.keys = std::move(all.keys);
    imported.properties = std::move(all.properties);
    for (PropertyFate& fate : imported.properties)
        if (fate.property == "AuthenticationCredential" && fate.fate == Fate::by_hand &&
            credential_lost.starts_with(lost_password_of))
            fate.why.text += ", such as " + credential_lost;
    imported.m_incomplete =
        !gone.empty() ||
        std::any_of(present.begin(), present.end(), [](const Property& each) { return !each.lost.empty(); });
    imported.properties.insert(imported.properties.end(), gone.begin(), gone.end());
    for (const Note& note : object.notes)
        if (note.holds_back)
            imported.hold_back(note.subject, note.why);
        else
            imported.properties.push_back({note.subject, Fate::by_hand, note.why});
    imported.settings = without_defaults(imported.keys);
    return imported;
}

} // namespace sendconnector::conf::exchange
