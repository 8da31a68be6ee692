// SPDX-License-Identifier: Apache-2.0
// Stage: a private configuration directory, where postconf(1) can be asked about copies of main.cf and
// master.cf.
#pragma once

#include "policy/result.hpp"

#include <filesystem>
#include <string_view>
#include <utility>

namespace sendconnector::conf::postfix {

class Stage {
public:
    static Result<Stage> make();
    Stage(Stage&& other) noexcept : m_path(std::exchange(other.m_path, {})) {}
    Stage& operator=(Stage&&) = delete;
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;
    // Removes it.
    ~Stage();

    const std::filesystem::path& path() const { return m_path; }

    // Writes a file, which no crash has to survive, and which looks a minute old: Postfix waits for one that
    // is younger than two seconds, lest somebody still writes to it.
    Result<void> put(const char* name, std::string_view content) const;

private:
    explicit Stage(std::filesystem::path path) : m_path(std::move(path)) {}
    std::filesystem::path m_path;
};

} // namespace sendconnector::conf::postfix
