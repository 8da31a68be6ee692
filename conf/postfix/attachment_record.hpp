// SPDX-License-Identifier: Apache-2.0
// attached.json: what enable() found in main.cf and what it made of it, so that disable() can put it back.
#pragma once

#include "policy/result.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sendconnector::conf::postfix {

// The octets of a parameter's logical lines in main.cf, one for each time that it is set there (the last
// counts).
struct ParameterRecord {
    std::string entry;               // ours
    std::vector<std::string> before; // continuation lines, and the comments in between, included
    std::vector<std::string> after;
};

struct AttachmentRecord {
    std::string config_directory;
    std::map<std::string, ParameterRecord> parameters;
    // main.cf had no newline at its end: this was its last line.
    std::optional<std::string> unterminated_line;
};

std::filesystem::path attachment_file(const std::string& state_directory);
// Not attached: an empty record.
Result<AttachmentRecord> read_attachment(const std::string& state_directory);
// Atomic and durable; mode 0600: main.cf may be nobody else's business.
Result<void> write_attachment(const std::string& state_directory, const AttachmentRecord& record);

// The logical lines of `parameter`, from first to last octet.
std::vector<std::string> occurrences(std::string_view main_cf, const std::string& parameter);
// What becomes of them when postconf(1) sets the parameter to `value`: it keeps the comments between
// continuation lines and appends a line where there was none.
std::vector<std::string> after_postconf(const std::vector<std::string>& before, const std::string& parameter,
                                        const std::string& value);

// Puts the recorded lines back. Nothing when they are not what enable() made of them any more.
std::optional<std::string> put_back(std::string_view main_cf, const std::string& parameter,
                                    const ParameterRecord& record);

} // namespace sendconnector::conf::postfix
