// SPDX-License-Identifier: Apache-2.0
#include "tests/fault_host/journal.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace sendconnector::fault_host {

Journal::Journal(const std::filesystem::path& file) : m_file(file, std::ios::app) {
    if (!m_file) {
        throw std::runtime_error(file.string() + " cannot be written");
    }
}

void Journal::write(const Event& event) {
    nlohmann::ordered_json line{{"scenario", event.scenario}, {"event", event.what}};
    line["tls"] = event.tls ? nlohmann::ordered_json(*event.tls) : nlohmann::ordered_json();
    line["sender"] = event.sender;
    line["server_name"] = event.server_name;
    // What a client sends need not be UTF-8.
    m_file << line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << std::endl;
}

} // namespace sendconnector::fault_host
