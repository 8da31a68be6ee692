// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/cmdlet_plan.hpp"

#include "conf/exchange/connector_text.hpp"
#include "conf/exchange/list_change.hpp"
#include "conf/plain_text.hpp"
#include "milter/ctl/advice.hpp"
#include "milter/ctl/spelling.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sendconnector::ctl {
namespace {

namespace exchange = conf::exchange;
using exchange::Bound;
using exchange::Cmdlet;
using exchange::CmdletName;
using exchange::dashed;
using Planned = tl::expected<CmdletPlan, std::vector<Error>>;

tl::unexpected<std::vector<Error>> refuse(Error error) {
    return tl::unexpected(std::vector<Error>{std::move(error)});
}

exchange::Value list_value(const std::vector<std::string>& items) {
    exchange::List list;
    for (const std::string& item : items)
        list.emplace_back(item);
    return exchange::Value(std::move(list));
}

// What @{Add=...; Remove=...} comes to, with a note on what was not as expected.
Result<exchange::Value> resolved(const Bound& bound, const conf::ConnectorFile& file, const std::string& name,
                                 std::vector<Error>& notes) {
    const conf::Key& key = *conf::find_key(conf::KeyScope::connector, bound.parameter->key);
    Result<exchange::ChangedList> changed =
        exchange::changed_list(key, file.list(name, key.name), *bound.change);
    if (!changed)
        return tl::unexpected<Error>(changed.error());
    const std::string parameter = dashed(bound.parameter->name);
    if (!changed->not_there.empty())
        notes.push_back(
            {fmt::format("{}: {} was not in the list", parameter, fmt::join(changed->not_there, ", "))});
    if (!changed->there_already.empty())
        notes.push_back({fmt::format("{}: {} is in the list already", parameter,
                                     fmt::join(changed->there_already, ", "))});
    return list_value(changed->items);
}

// A variable of a shell that is empty must not stand for the default: that of -Senders is everybody.
bool is_empty_list(const Bound& bound) {
    const std::string* text = bound.value.text();
    const exchange::List* items = bound.value.items();
    return bound.parameter->kind == exchange::ParameterKind::list && !bound.change &&
           ((text != nullptr && text->find_first_not_of(" \t,") == std::string::npos) ||
            (items != nullptr && items->empty()));
}

tl::expected<exchange::Translation, std::vector<Error>> translated(const Cmdlet& cmdlet,
                                                                   const conf::ConnectorFile& file,
                                                                   const std::string& name,
                                                                   std::vector<Error>& notes) {
    std::vector<exchange::Property> properties;
    std::vector<Error> errors;
    for (const Bound& bound : cmdlet.parameters) {
        if (bound.parameter->key.empty())
            continue;
        exchange::Property& property =
            properties.emplace_back(exchange::Property{std::string(bound.parameter->name), bound.value});
        if (is_empty_list(bound)) {
            errors.push_back({dashed(property.name) + ": there is nothing in the list",
                              "fill it, or give $null for the default"});
            properties.pop_back();
            continue;
        }
        if (!bound.change)
            continue;
        Result<exchange::Value> value = resolved(bound, file, name, notes);
        if (value)
            property.value = std::move(*value);
        else
            errors.push_back({dashed(property.name) + ": " + value.error().text, value.error().hint});
    }
    exchange::Translation translation = exchange::translate(properties, {.name = name});
    for (const exchange::PropertyFate& fate : translation.properties) {
        if (fate.fate == exchange::Fate::taken)
            continue;
        const Error said{dashed(fate.property) + ": " + fate.why.text, fate.why.hint};
        (fate.fate == exchange::Fate::refused ? errors : notes).push_back(said);
    }
    if (!errors.empty())
        return tl::unexpected(std::move(errors));
    return translation;
}

// Exchange's own rule; who names smart hosts means them.
bool means_no_dns_routing(const Cmdlet& cmdlet) {
    const Bound* hosts = cmdlet.find("SmartHosts");
    return hosts != nullptr && !hosts->value.is_null() && cmdlet.find("DNSRoutingEnabled") == nullptr;
}

Planned plan_new(Cmdlet cmdlet, ConfigurationEdit& edit) {
    CmdletPlan plan;
    const std::string name = cmdlet.text("Name");
    if (const auto there = edit.file_of(name); there && !name.empty())
        return refuse({fmt::format("there is a connector \"{}\" already, in {}", name, there->string()),
                       "change it with Set-SendConnector, or give this one another name"});
    if (means_no_dns_routing(cmdlet)) {
        cmdlet.parameters.push_back(
            {exchange::find_parameter("DNSRoutingEnabled"), exchange::Value(false), {}});
        plan.notes.push_back({"-DNSRoutingEnabled is $false, since there are smart hosts"});
    }
    auto translation = translated(cmdlet, *conf::ConnectorFile::parse(""), name, plan.notes);
    if (!translation)
        return tl::unexpected(translation.error());
    plan.connector = name;
    plan.file = edit.own_file_of(name);
    Result<conf::ConnectorFile> file = edit.open(plan.file);
    if (!file)
        return refuse(file.error());
    if (const Result<void> added = file->append(translation->keys, exchange::to_string(cmdlet)); !added)
        return refuse({fmt::format("{}: {}", plan.file.string(), added.error().text), added.error().hint});
    edit.put(plan.file, *file);
    return plan;
}

Error no_such(const std::string& name, const Invocation& invocation, const ConfigurationEdit& edit) {
    if (const std::optional<Error> obstacle = edit.obstacle())
        return {fmt::format("there is no connector \"{}\" in a file that can be changed: {}", name,
                            obstacle->text),
                obstacle->hint};
    const std::string meant = meant_by(name, edit.names());
    return {fmt::format("there is no connector \"{}\"", name),
            meant.empty() ? to_run(invocation, "list") + " names them all"
                          : fmt::format("did you mean \"{}\"?", meant)};
}

// As the file writes it.
std::string spelt(const conf::ConnectorFile& file, const std::string& name) {
    const std::string wanted = policy::fold_case(name);
    const auto found = std::ranges::find_if(
        file.names(), [&](const std::string& each) { return policy::fold_case(each) == wanted; });
    return found == file.names().end() ? name : *found;
}

// A key that is not there has its default already.
std::vector<conf::KeyText> without_defaults(const conf::ConnectorFile& file, const std::string& name,
                                            std::vector<conf::KeyText> keys) {
    std::erase_if(keys, [&](const conf::KeyText& key) {
        const conf::Key* known = conf::find_key(conf::KeyScope::connector, key.key);
        // Of max_message_size the default depends on the usage.
        if (known == nullptr || key.key == "max_message_size" || key.value != known->default_text)
            return false;
        conf::ConnectorFile without = file;
        const conf::KeyText gone{key.key, std::nullopt};
        return without.change(name, std::span(&gone, 1)) && without.text() == file.text();
    });
    return keys;
}

Planned plan_existing(Cmdlet cmdlet, const Invocation& invocation, ConfigurationEdit& edit) {
    CmdletPlan plan;
    const std::string identity = cmdlet.text("Identity");
    const auto there = edit.file_of(identity);
    if (!there)
        return refuse(no_such(identity, invocation, edit));
    plan.file = *there;
    Result<conf::ConnectorFile> file = edit.open(plan.file);
    if (!file)
        return refuse(file.error());
    plan.connector = spelt(*file, identity);
    const std::string before = file->text();
    Result<void> changed;
    if (cmdlet.name == CmdletName::remove_connector) {
        const bool is_drop_in = plan.file != edit.main_file();
        changed = file->remove(identity, is_drop_in);
    } else {
        if (cmdlet.name != CmdletName::set_connector)
            cmdlet.parameters.push_back({exchange::find_parameter("Enabled"),
                                         exchange::Value(cmdlet.name == CmdletName::enable_connector),
                                         {}});
        auto translation = translated(cmdlet, *file, plan.connector, plan.notes);
        if (!translation)
            return tl::unexpected(translation.error());
        changed = file->change(identity, without_defaults(*file, identity, std::move(translation->keys)));
        if (cmdlet.find("Name") != nullptr)
            plan.connector = translation->name;
    }
    if (!changed)
        return refuse(
            {fmt::format("{}: {}", plan.file.string(), changed.error().text), changed.error().hint});
    plan.changes_something = file->text() != before;
    edit.put(plan.file, *file);
    return plan;
}

} // namespace

Planned plan_change(const Cmdlet& cmdlet, const Invocation& invocation, ConfigurationEdit& edit) {
    return cmdlet.name == CmdletName::new_connector ? plan_new(cmdlet, edit)
                                                    : plan_existing(cmdlet, invocation, edit);
}

} // namespace sendconnector::ctl
