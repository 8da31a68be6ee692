// SPDX-License-Identifier: Apache-2.0
// Instance: one Postfix instance, asked and changed through postconf(1) and postfix(1) only.
#pragma once

#include "conf/postfix/main_cf_text.hpp"
#include "policy/result.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace sendconnector::conf::postfix {

using Values = std::map<std::string, std::string>;
// A value to set, or nothing: to be removed.
using Edits = std::map<std::string, std::optional<std::string>>;

// Apply asks again, under its lock, what it has asked to make its plan: postconf(1) is not started again for
// what it has said of the same text.
class Instance {
public:
    // `config_directory`, absolute, must hold a main.cf and a master.cf that postconf(1) can read.
    static Result<Instance> open(std::string config_directory);

    const std::string& config_directory() const { return m_config_directory; }
    const std::string& queue_directory() const { return m_queue_directory; }

    // Effective values ($name expanded), main.cf over the built-in default: `postconf -x`. A parameter that
    // this version of Postfix does not know is left out. `overrides`: as if main.cf said so.
    Result<Values> parameters(const std::vector<std::string>& names, const Values& overrides = {}) const;
    // What main.cf says, not expanded; a parameter that it does not set is left out: `postconf -n`.
    Result<Values> main_cf_values(const std::vector<std::string>& names) const;

    // Every service of master.cf as `postconf -M` prints it: by name for `unix` services, by "name/type" for
    // others.
    Result<Values> services() const;
    // Those whose name starts with `sc-`.
    Result<Values> connector_services() const;
    // The chroot column of the instance's own `smtp unix` service; "-" when it has none.
    Result<std::string> smtp_chroot() const;
    // Likewise for what receives mail: the first service that runs `program`, and first of all `preferred`.
    Result<std::string> chroot_of(const std::string& preferred, const std::string& program) const;
    // Services that set this parameter for themselves (`-o`), by "name/type".
    Result<Values> service_overrides(const std::string& parameter) const;
    // What services of the site's own set for themselves, of these parameters: effective values by
    // "name/type/parameter".
    Result<Values> site_overrides(const std::vector<std::string>& parameters) const;

    // master.cf before and after a change.
    struct Texts {
        std::string before;
        std::string after;
    };
    // Adds, replaces and removes services, named as by services(), in one step or not at all. Every other
    // byte of master.cf stays, but for a newline after a last line that has none.
    Result<Texts> edit_services(const Edits& services);

    // Whether master(8) holds its lock, which is what `postfix status` looks at; that one says why it fails
    // to terminals and syslog only.
    Result<bool> is_running() const;
    // Has a running Postfix read its files anew (`postfix reload`). Returns when it has been told, not when
    // it has done so.
    Result<void> reload() const;

private:
    // What postconf(1) was asked: its arguments, and the texts of main.cf and master.cf.
    using Question = std::tuple<std::vector<std::string>, std::string, std::string>;

    explicit Instance(std::string config_directory) : m_config_directory(std::move(config_directory)) {}
    Result<std::string> master_cf() const;
    Result<std::string> ask_copy(std::vector<std::string> arguments, std::string master_cf) const;
    Result<std::string> ask_about(const Question& question, std::filesystem::file_time_type changed) const;

    std::string m_config_directory;
    std::string m_queue_directory;
    mutable std::map<Question, std::string> m_answered; // in one thread
};

// Puts the text of main.cf or master.cf back. Fails, and changes nothing, when it is not `expected` any more.
Result<void> restore_text(const std::string& config_directory, ConfigKind kind, const std::string& expected,
                          const std::string& text);

// "sc-": the names of all our services start with it.
inline constexpr std::string_view service_prefix = "sc-";

// mail_version at least MAJOR.MINOR: "3.7.11", "3.11-20250101".
bool version_at_least(const std::string& mail_version, int major, int minor);

} // namespace sendconnector::conf::postfix
