// SPDX-License-Identifier: Apache-2.0
// Journal: what the fault host saw, a line of JSON an event, for the test that asks afterwards whether
// anything got through that should not have.
#pragma once

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace sendconnector::fault_host {

struct Event {
    std::string scenario;
    std::string what;               // "TLS", "MAIL", "message"
    std::optional<std::string> tls; // "TLSv1.3"; nothing: in plaintext
    std::string sender;             // of MAIL and message
    std::string server_name;        // SNI of the session
};

class Journal {
public:
    explicit Journal(const std::filesystem::path& file);
    // On disk when it returns.
    void write(const Event& event);

private:
    std::ofstream m_file;
};

} // namespace sendconnector::fault_host
