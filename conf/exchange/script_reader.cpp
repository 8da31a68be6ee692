// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/script_reader.hpp"

#include "conf/exchange/cmdlet.hpp"
#include "conf/exchange/connector_object.hpp"
#include "conf/plain_text.hpp"
#include "policy/address_space.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace sendconnector::conf::exchange {

namespace {

// Equal for entries of a list that mean the same: "*" and "SMTP:*;1".
std::string comparable(const Value& item, bool address_spaces) {
    const std::string text = item.text() == nullptr ? std::string() : *item.text();
    if (address_spaces)
        if (const auto space = policy::AddressSpace::parse(text))
            return space->text();
    return policy::fold_case(text);
}

// A statement that could not be read may have been for us.
bool changes_connectors(std::string_view statement) {
    const std::string folded = policy::fold_case(statement);
    constexpr std::array<std::string_view, 5> verbs = {"new", "set", "remove", "enable", "disable"};
    return std::any_of(verbs.begin(), verbs.end(), [&](std::string_view verb) {
        return folded.find(std::string(verb) + "-sendconnector") != std::string::npos;
    });
}

// A list of the script while statements change it: each change costs what it holds, not what the list does,
// since an export writes long lists as many additions.
class ChangingList {
public:
    // A list may have been written as its only entry.
    ChangingList(Value& value, bool address_spaces) : m_value(value), m_address_spaces(address_spaces) {
        if (value.items() == nullptr)
            value = Value(value.is_null() ? List() : List{value});
        for (const Value& item : *value.items())
            m_known.insert(comparable(item, address_spaces));
    }

    void change(const ListChange& change) {
        List& items = *m_value.items();
        for (const Value& item : change.add)
            if (m_known.insert(comparable(item, m_address_spaces)).second)
                items.push_back(item);
        if (change.remove.empty())
            return;
        for (const Value& item : change.remove)
            m_known.erase(comparable(item, m_address_spaces));
        std::erase_if(
            items, [&](const Value& item) { return m_known.count(comparable(item, m_address_spaces)) == 0; });
    }

private:
    Value& m_value;
    bool m_address_spaces;
    std::unordered_set<std::string> m_known;
};

class Reader {
public:
    Reading read(std::string_view text) {
        for (const Statement& statement : read_statements(text))
            take(statement);
        return std::move(m_reading);
    }

private:
    void remark(const Statement& statement, const std::string& why, bool is_loss) {
        if (m_reading.remarks.size() < most_remarks)
            m_reading.remarks.push_back(
                {statement.line, fmt::format("{}: {}", in_quotes(escaped(statement.text)), why), is_loss});
    }

    void take(const Statement& statement) {
        const bool names_connector = changes_connectors(statement.text);
        if (statement.error)
            return remark(statement, to_string(*statement.error), names_connector);
        const auto name =
            statement.stages.empty() ? std::nullopt : find_cmdlet(statement.stages.front().command);
        if (!name)
            return remark(statement, "no send connector command", names_connector);
        if (*name == CmdletName::get_connector)
            return remark(statement, "changes nothing", false);
        if (*name == CmdletName::remove_connector)
            return remark(statement, "an import removes nothing; use Remove-SendConnector here", true);
        if (statement.stages.size() != 1)
            return remark(statement, "what stands behind | is not done here", true);
        const Result<Cmdlet> cmdlet = bind(*name, statement.stages.front().elements);
        if (!cmdlet)
            return remark(statement, to_string(cmdlet.error()), true);
        if (cmdlet->flag("WhatIf").value_or(false))
            return remark(statement, "-WhatIf changes nothing", false);
        if (const auto done =
                *name == CmdletName::new_connector ? make(*cmdlet, statement) : change(*cmdlet, statement);
            !done)
            remark(statement, to_string(done.error()), true);
    }

    Result<void> make(const Cmdlet& cmdlet, const Statement& statement) {
        const std::string name = cmdlet.text("Name");
        if (m_by_name.count(policy::fold_case(name)) != 0)
            return fail(fmt::format("{} is there already, further up", in_quotes(escaped(name))),
                        "change it with Set-SendConnector");
        const Result<std::size_t> object = begin(name, statement.line);
        if (!object)
            return tl::unexpected(object.error());
        for (const Bound& bound : cmdlet.parameters)
            if (is_property(bound))
                set(*object, bound);
        return {};
    }

    Result<void> change(const Cmdlet& cmdlet, const Statement& statement) {
        const std::string identity = cmdlet.text("Identity");
        const bool renames = cmdlet.find("Name") != nullptr &&
                             policy::fold_case(cmdlet.text("Name")) != policy::fold_case(identity);
        if (renames)
            return fail("an import renames nothing", "use Set-SendConnector -Name here");
        const auto known = m_by_name.find(policy::fold_case(identity));
        for (const Bound& bound : cmdlet.parameters)
            if (bound.change && (known == m_by_name.end() ||
                                 m_reading.objects[known->second].find(bound.parameter->name) == nullptr))
                return fail(fmt::format("{} changes a list that is not in this script",
                                        dashed(bound.parameter->name)),
                            "write the whole list, or use Set-SendConnector here");
        const Result<std::size_t> object =
            known == m_by_name.end() ? begin(identity, statement.line) : Result<std::size_t>(known->second);
        if (!object)
            return tl::unexpected(object.error());
        if (cmdlet.name == CmdletName::enable_connector || cmdlet.name == CmdletName::disable_connector)
            set(*object, "Enabled", Value(cmdlet.name == CmdletName::enable_connector));
        for (const Bound& bound : cmdlet.parameters) {
            if (bound.change)
                change_list(*object, bound);
            else if (is_property(bound))
                set(*object, bound);
        }
        return {};
    }

    static bool is_property(const Bound& bound) { return !bound.parameter->key.empty(); }

    Result<std::size_t> begin(const std::string& name, std::size_t line) {
        if (m_reading.objects.size() == most_objects)
            return fail(fmt::format("more than {} connectors", most_objects), "import fewer at a time");
        m_by_name.emplace(policy::fold_case(name), m_reading.objects.size());
        m_reading.objects.push_back({std::string(send_connector_type), line, {}});
        set(m_reading.objects.size() - 1, "Name", Value(name));
        return m_reading.objects.size() - 1;
    }

    void set(std::size_t object, const Bound& bound) {
        set(object, std::string(bound.parameter->name), bound.value);
    }

    void set(std::size_t object, const std::string& name, Value value) {
        if (m_last_changed == std::pair(object, name))
            m_list.reset();
        std::vector<Property>& properties = m_reading.objects[object].properties;
        if (Property* known = find(properties, name))
            known->value = std::move(value);
        else {
            m_list.reset(); // what it refers to may move
            properties.push_back({name, std::move(value)});
        }
    }

    void change_list(std::size_t object, const Bound& bound) {
        const std::pair changed(object, std::string(bound.parameter->name));
        if (!m_list || m_last_changed != changed) {
            m_last_changed = changed;
            m_list.emplace(find(m_reading.objects[object].properties, changed.second)->value,
                           changed.second == "AddressSpaces");
        }
        m_list->change(*bound.change);
    }

    static Property* find(std::vector<Property>& properties, std::string_view name) {
        const auto found = std::find_if(properties.begin(), properties.end(),
                                        [&](const Property& each) { return each.name == name; });
        return found == properties.end() ? nullptr : &*found;
    }

    Reading m_reading;
    std::unordered_map<std::string, std::size_t> m_by_name; // of objects, folded
    // The list that was changed last, and whose it is.
    std::pair<std::size_t, std::string> m_last_changed;
    std::optional<ChangingList> m_list;
};

} // namespace

Result<Reading> read_script(std::string_view text) {
    return Reader().read(text);
}

} // namespace sendconnector::conf::exchange
