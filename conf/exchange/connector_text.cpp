// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/connector_text.hpp"

#include "conf/exchange/parameter_table.hpp"
#include "conf/exchange/property_value.hpp"
#include "conf/keys.hpp"
#include "conf/plain_text.hpp"
#include "conf/slug.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <set>

namespace sendconnector::conf::exchange {

namespace {

// What Get-SendConnector shows beside the parameters of New- and Set-SendConnector.
constexpr std::string_view only_shown[] = {"AdminDisplayName",
                                           "CertificateSubject",
                                           "ConnectedDomains",
                                           "DistinguishedName",
                                           "ExchangeVersion",
                                           "Guid",
                                           "HomeMTA",
                                           "HomeMtaServerId",
                                           "Id",
                                           "Identity",
                                           "IsSmtpConnector",
                                           "IsValid",
                                           "ObjectCategory",
                                           "ObjectClass",
                                           "ObjectState",
                                           "OrganizationId",
                                           "OrganizationalUnitRoot",
                                           "OriginatingServer",
                                           "PSComputerName",
                                           "PSShowComputerName",
                                           "PSSourceJobInstanceId",
                                           "Region",
                                           "RunspaceId",
                                           "SmartHostsString",
                                           "SourceRoutingGroup",
                                           "WhenChanged",
                                           "WhenChangedUTC",
                                           "WhenCreated",
                                           "WhenCreatedUTC"};

std::string_view shown_name(std::string_view name) {
    const std::string wanted = policy::fold_case(name);
    const auto* found =
        std::find_if(std::begin(only_shown), std::end(only_shown),
                     [&](std::string_view each) { return policy::fold_case(each) == wanted; });
    return found == std::end(only_shown) ? std::string_view() : *found;
}

const Property* find(std::span<const Property> properties, std::string_view name) {
    const std::string wanted = policy::fold_case(name);
    const auto found = std::find_if(properties.begin(), properties.end(), [&](const Property& each) {
        return policy::fold_case(each.name) == wanted;
    });
    return found == properties.end() ? nullptr : &*found;
}

std::string text_of(const Property* property) {
    return property != nullptr && property->value.text() != nullptr ? *property->value.text() : "";
}

class Translator {
public:
    Translator(std::span<const Property> properties, const TranslationChoice& choice)
        : m_properties(properties), m_choice(choice) {
        m_done.name = text_of(find(properties, "Name"));
        if (m_done.name.empty()) {
            m_done.name = text_of(find(properties, "Identity"));
        }
        if (m_done.name.empty()) {
            m_done.name = choice.name;
        }
    }

    Translation run() {
        for (const Property& property : m_properties) {
            PropertyFate fate = take(property);
            if (!property.lost.empty() && fate.fate != Fate::refused) {
                fate.fate = Fate::by_hand;
                fate.why = {"part of the value is not in the file: " + property.lost,
                            fmt::format("look at {} in Exchange, and write what is missing", fate.property)};
            }
            m_done.properties.push_back(std::move(fate));
        }
        for (const Key& key : keys()) {
            if (key.scope == KeyScope::connector) {
                if (auto found = m_values.find(key.name); found != m_values.end()) {
                    m_done.keys.push_back({found->first, std::move(found->second)});
                }
            }
        }
        if (m_choice.leaves_defaults)
            m_done.keys = without_defaults(std::move(m_done.keys));
        return std::move(m_done);
    }

private:
    PropertyFate take(const Property& property) {
        const Parameter* parameter = find_parameter(property.name);
        if (parameter == nullptr || parameter->key.empty()) {
            return without_key(property, parameter);
        }
        PropertyFate fate{std::string(parameter->name), Fate::taken, {}};
        const auto refuse = [&](Error why) {
            fate.fate = Fate::refused;
            fate.why = std::move(why);
            return fate;
        };
        if (!m_seen.insert(parameter->name).second) {
            return refuse({"is given twice", "give it once"});
        }
        const Key& key = *find_key(KeyScope::connector, parameter->key);
        if (parameter->kind == ParameterKind::credential) {
            return credential(property, key, std::move(fate));
        }
        Result<PropertyValue> value = property_value(*parameter, key, source_of(property));
        if (!value) {
            return refuse(value.error());
        }
        if (value->is_unset && m_choice.leaves_defaults) {
            return fate;
        }
        if (!value->says_something) {
            return fate;
        }
        if (value->is_unset && is_needed(*parameter)) {
            return refuse({"$null leaves nothing to go by", "give it a value"});
        }
        std::optional<std::string> text;
        if (!value->is_unset) {
            text = std::move(value->toml);
        }
        const auto [known, is_new] = m_values.try_emplace(std::string(key.name), text);
        if (!is_new && known->second != text) {
            return refuse({fmt::format("contradicts what else is said about {}", key.exchange),
                           "give one of -Usage, -Custom, -Internal, -Internet and -Partner"});
        }
        if (key.without_effect && text && *text != key.default_text) {
            fate.fate = Fate::no_meaning;
            fate.why = {fmt::format("is kept, and has no effect here: {}", key.meaning), ""};
        }
        return fate;
    }

    PropertyFate without_key(const Property& property, const Parameter* parameter) const {
        if (parameter != nullptr) {
            return {std::string(parameter->name), Fate::no_meaning, {"is about a command, not a connector"}};
        }
        if (const std::string_view known = shown_name(property.name); !known.empty()) {
            return {std::string(known),
                    Fate::no_meaning,
                    {"tells of the object in Exchange, not of a mail's way"}};
        }
        return {property.name, Fate::no_meaning, {"is no parameter of a send connector"}};
    }

    // Where ConvertTo-Json has cut the list of smart hosts, Exchange's line of them is beside.
    const Value& source_of(const Property& property) const {
        if (!property.lost.empty() && policy::fold_case(property.name) == "smarthosts") {
            if (const Property* line = find(m_properties, "SmartHostsString");
                line != nullptr && line->value.text() != nullptr) {
                return line->value;
            }
        }
        return property.value;
    }

    // What a connector cannot be without, and what has no value that means "none".
    static bool is_needed(const Parameter& parameter) {
        return parameter.kind == ParameterKind::flag || parameter.kind == ParameterKind::number ||
               parameter.key == "name" || parameter.key == "address_spaces" || parameter.key == "usage";
    }

    PropertyFate credential(const Property& property, const Key& key, PropertyFate fate) {
        const std::string* text = property.value.text();
        if (property.value.is_null() || (text != nullptr && text->empty())) {
            if (!m_choice.leaves_defaults) {
                m_values.try_emplace(std::string(key.name), std::nullopt);
            }
            return fate;
        }
        const bool names_file = text != nullptr && is_credential_file(*text);
        const std::string file = names_file ? *text : slug(m_done.name);
        if (file.empty()) {
            fate.fate = Fate::refused;
            fate.why = {"is a credential of a connector without a name", "give the connector a name"};
            return fate;
        }
        m_values.try_emplace(std::string(key.name), toml_string(file));
        if (!names_file) {
            fate.fate = Fate::by_hand;
            fate.why = {"user name and password are not taken from there",
                        fmt::format("write username = \"...\" and password = \"...\" into credentials.d/{}, "
                                    "a file of root's with mode 0600",
                                    file)};
        }
        return fate;
    }

    std::span<const Property> m_properties;
    const TranslationChoice& m_choice;
    Translation m_done;
    std::set<std::string_view> m_seen;
    std::map<std::string, std::optional<std::string>, std::less<>> m_values;
};

} // namespace

bool Translation::is_refused() const {
    return std::any_of(properties.begin(), properties.end(),
                       [](const PropertyFate& each) { return each.fate == Fate::refused; });
}

std::vector<KeyText> without_defaults(std::vector<KeyText> keys) {
    const bool internal = std::find(keys.begin(), keys.end(), KeyText{"usage", "\"Internal\""}) != keys.end();
    // "*" beside a file is more than the file, which without it would be all.
    const bool has_file = std::any_of(keys.begin(), keys.end(), [](const KeyText& each) {
        return each.key == "senders_file" && each.value;
    });
    std::erase_if(keys, [&](const KeyText& each) {
        if (each.key == "senders" && each.value && has_file)
            return false;
        const Key& key = *find_key(KeyScope::connector, each.key);
        const std::string_view usual =
            internal && key.name == "max_message_size" ? "\"unlimited\"" : key.default_text;
        return !each.value || *each.value == usual;
    });
    return keys;
}

Translation translate(std::span<const Property> properties, const TranslationChoice& choice) {
    return Translator(properties, choice).run();
}

} // namespace sendconnector::conf::exchange
