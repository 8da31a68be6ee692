// SPDX-License-Identifier: Apache-2.0
// Whatever a file of senders holds: the same entries and problems in whatever pieces it is read, and entries
// that an administrator could write back.
#include "conf/sender_table.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace sendconnector;
using namespace sendconnector::conf;

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

std::string read(std::string_view octets, const TableReading& reading) {
    policy::SenderList list;
    const TableContent content = read_sender_table(octets, reading, list);
    require(content.places.size() == list.size());
    require(content.problems.size() <= most_problems);
    require(content.more_problems == 0 || content.problems.size() == most_problems);
    std::string text;
    Spot before;
    std::size_t number = 0;
    std::size_t counted = 0;
    list.any_of([&](const policy::ListedSender& listed) {
        const Spot at = content.places.at(number++);
        require(before < at && listed.connector < reading.connectors->size());
        before = at;
        const std::string sender = policy::to_text(listed.key);
        const auto again = policy::SenderPattern::parse(sender);
        require(again && policy::key_of(*again) == listed.key);
        text += std::to_string(at.line) + ":" + std::to_string(at.column) + " " + sender + " " +
                std::to_string(listed.connector) + "\n";
        return false;
    });
    for (const std::size_t count : content.counts) {
        counted += count;
    }
    require(counted == list.size());
    before = {};
    for (const TableProblem& problem : content.problems) {
        require(!(problem.at < before) && problem.at.line > 0 && !problem.error.text.empty() &&
                !problem.error.hint.empty());
        before = {problem.at.line, 0};
        text += std::to_string(problem.at.line) + ":" + std::to_string(problem.at.column) + " " +
                to_string(problem.error) + "\n";
    }
    return text + std::to_string(content.more_problems);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    ConnectorNames connectors;
    connectors.add("Contoso", policy::SenderIdentity::envelope);
    connectors.add("Contoso via Northrelay", policy::SenderIdentity::envelope);
    connectors.add("By login", policy::SenderIdentity::login);
    for (const std::optional<std::uint32_t> owner : {std::optional<std::uint32_t>(), {0}, {2}}) {
        TableReading reading{.connectors = &connectors, .owner = owner};
        const std::string whole = read(octets, reading);
        for (const std::size_t chunk : {1U, 5U, 30U}) {
            reading.chunk = chunk;
            require(read(octets, reading) == whole);
        }
    }
    return 0;
}
