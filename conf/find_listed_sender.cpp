// SPDX-License-Identifier: Apache-2.0
#include "conf/find_listed_sender.hpp"

#include "conf/read_file.hpp"
#include "conf/sender_table.hpp"

#include <algorithm>

namespace sendconnector::conf {

namespace {

std::optional<SenderPlace> find_in(const std::string& file, const TableReading& reading,
                                   std::uint32_t connector, policy::SenderKey sender) {
    const auto text = read_steady_file(file, largest_table);
    if (!text) {
        return std::nullopt;
    }
    policy::SenderList list;
    const TableContent content = read_sender_table(text->text(), reading, list);
    std::size_t number = 0;
    const bool is_there = list.any_of([&](const policy::ListedSender& listed) {
        return (listed.connector == connector && listed.key == sender) || (++number, false);
    });
    if (is_there) {
        return SenderPlace{file, content.places.at(number)};
    }
    return std::nullopt;
}

} // namespace

std::optional<SenderPlace> find_listed_sender(const Configuration& configuration,
                                              const policy::SendConnector& connector,
                                              policy::SenderKey sender) {
    const auto is_it = [&](const policy::SenderPattern& pattern) {
        return policy::key_of(pattern) == sender;
    };
    if (std::any_of(connector.senders.begin(), connector.senders.end(), is_it)) {
        return std::nullopt;
    }
    ConnectorNames connectors;
    for (const policy::SendConnector& each : configuration.policy->connectors()) {
        connectors.add(each.name, each.sender_identity);
    }
    const std::uint32_t index = configuration.policy->index_of(connector);
    if (!connector.senders_file.empty()) {
        if (auto found =
                find_in(connector.senders_file, {.connectors = &connectors, .owner = index}, index, sender)) {
            return found;
        }
    }
    for (const std::string& file : configuration.sender_tables) {
        if (auto found = find_in(file, {.connectors = &connectors}, index, sender)) {
            return found;
        }
    }
    return std::nullopt;
}

} // namespace sendconnector::conf
