// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/instance.hpp"

#include "conf/postfix/command.hpp"
#include "conf/postfix/config_edit.hpp"
#include "conf/postfix/durable_file.hpp"
#include "conf/postfix/file_descriptor.hpp"
#include "conf/postfix/postconf.hpp"
#include "conf/postfix/stage.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <set>
#include <sstream>
#include <sys/file.h>

namespace sendconnector::conf::postfix {
namespace {

namespace fs = std::filesystem;

// Postfix sorts out its queue first when it reloads, which takes its time on a big one.
constexpr std::chrono::minutes postfix_limit(5);

template <class Use>
void each_line(std::string_view text, Use use) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        use(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

// "name = value", or "name =" when it is empty.
Values parse_values(std::string_view text) {
    Values values;
    each_line(text, [&](std::string_view line) {
        const std::size_t separator = line.find(" =");
        if (separator != std::string_view::npos) {
            std::string_view value = line.substr(separator + 2);
            value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
            values.emplace(line.substr(0, separator), value);
        }
    });
    return values;
}

// As postconf(1) names a service.
std::string path_of(const std::string& service) {
    return service.find('/') == std::string::npos ? service + "/unix" : service;
}

} // namespace

Result<Instance> Instance::open(std::string config_directory) {
    if (!fs::path(config_directory).is_absolute()) {
        return fail(fmt::format("the Postfix configuration directory \"{}\" is not an absolute path",
                                config_directory),
                    "write it from the root folder on");
    }
    while (config_directory.size() > 1 && config_directory.back() == '/') {
        config_directory.pop_back();
    }
    for (const char* name : {"main.cf", "master.cf"}) {
        std::error_code error;
        if (!fs::exists(fs::path(config_directory) / name, error)) {
            return fail(fmt::format("there is no {} in {}", name, config_directory),
                        "install and configure Postfix, or name another directory with --postfix-config");
        }
    }
    Instance instance(std::move(config_directory));
    // Asked once, and of the directory itself, for both files must be sound: every postconf(1) after a change
    // of main.cf waits until that is two seconds old.
    const auto out = postconf(instance.m_config_directory, {"-x", "queue_directory"});
    if (!out) {
        return tl::unexpected(out.error());
    }
    instance.m_queue_directory = parse_values(*out).at("queue_directory");
    return instance;
}

Result<Values> Instance::parameters(const std::vector<std::string>& names, const Values& overrides) const {
    std::vector<std::string> arguments{"-x"};
    for (const auto& [name, value] : overrides) {
        arguments.insert(arguments.end(), {"-o", fmt::format("{}={}", name, value)});
    }
    arguments.insert(arguments.end(), names.begin(), names.end());
    return ask_copy(std::move(arguments), "").map([](const std::string& out) { return parse_values(out); });
}

Result<Values> Instance::main_cf_values(const std::vector<std::string>& names) const {
    std::vector<std::string> arguments{"-n"};
    arguments.insert(arguments.end(), names.begin(), names.end());
    return ask_copy(std::move(arguments), "").map([](const std::string& out) { return parse_values(out); });
}

// Empty where there is none.
Result<std::string> Instance::master_cf() const {
    return read_file(fs::path(m_config_directory) / "master.cf").map([](std::optional<std::string>&& text) {
        return std::move(text).value_or("");
    });
}

// postconf(1) reads all of master.cf along with main.cf, which takes seconds where that has a thousand
// services. So it is asked of copies: of what main.cf alone decides, beside an empty master.cf.
Result<std::string> Instance::ask_copy(std::vector<std::string> arguments, std::string master_cf) const {
    const fs::path original = fs::path(m_config_directory) / "main.cf";
    std::error_code error;
    const auto changed = fs::last_write_time(original, error);
    auto text = read_file(original);
    if (error || !text || !*text) {
        return postconf(m_config_directory, arguments);
    }
    const Question question{std::move(arguments), std::move(**text), std::move(master_cf)};
    if (const auto known = m_answered.find(question); known != m_answered.end()) {
        return known->second;
    }
    auto answer = ask_about(question, changed);
    if (answer) {
        m_answered.emplace(question, *answer);
    }
    return answer;
}

Result<std::string> Instance::ask_about(const Question& question, fs::file_time_type changed) const {
    auto [arguments, main_cf, master_cf] = question;
    auto stage = Stage::make();
    if (!stage || !stage->put("master.cf", master_cf) || !stage->put("main.cf", main_cf)) {
        return postconf(m_config_directory, arguments);
    }
    // Who has only just written to it may not be done: postconf waits.
    std::error_code error;
    fs::last_write_time(stage->path() / "main.cf", changed, error);
    arguments.insert(arguments.begin(), {"-o", fmt::format("config_directory={}", m_config_directory)});
    return postconf(stage->path(), arguments).map_error([&](Error&& found) {
        const std::string there = stage->path().string();
        for (auto at = found.text.find(there); at != std::string::npos; at = found.text.find(there)) {
            found.text.replace(at, there.size(), m_config_directory);
        }
        return std::move(found);
    });
}

Result<Values> Instance::services() const {
    auto text = master_cf();
    if (!text) {
        return tl::unexpected(text.error());
    }
    return ask_copy({"-M"}, std::move(*text)).map([](const std::string& out) {
        Values services;
        each_line(out, [&](std::string_view line) {
            const auto logical = logical_lines(line, ConfigKind::master_cf);
            if (logical.empty()) {
                return;
            }
            std::string name = logical.front().name;
            if (name.ends_with("/unix")) {
                name.resize(name.size() - 5);
            }
            services.emplace(std::move(name), line);
        });
        return services;
    });
}

Result<Values> Instance::connector_services() const {
    return services().map([](Values&& all) {
        std::erase_if(all, [](const auto& service) { return !service.first.starts_with(service_prefix); });
        return std::move(all);
    });
}

Result<std::string> Instance::smtp_chroot() const {
    return chroot_of("smtp/unix", "");
}

Result<std::string> Instance::chroot_of(const std::string& preferred, const std::string& program) const {
    const auto text = master_cf();
    if (!text) {
        return tl::unexpected(text.error());
    }
    std::string first;
    for (const LogicalLine& line : logical_lines(*text, ConfigKind::master_cf)) {
        std::string entry;
        for (const PhysicalLine& part : line.lines) {
            entry.append(*text, part.offset, part.length);
        }
        // Service, type, private, unprivileged, chroot, wakeup, maxproc, command: master(5).
        std::istringstream words(entry);
        std::array<std::string, 8> fields;
        for (std::string& field : fields) {
            words >> field;
        }
        if (!program.empty() && fields[7] != program) {
            continue;
        }
        if (line.name == preferred) {
            return fields[4];
        }
        if (!program.empty() && first.empty()) {
            first = fields[4];
        }
    }
    return first.empty() ? "-" : first;
}

Result<Values> Instance::service_overrides(const std::string& parameter) const {
    return postconf(m_config_directory, {"-P", fmt::format("*/*/{}", parameter)})
        .map([&](const std::string& out) {
            Values overrides;
            for (auto& [path, value] : parse_values(out)) {
                overrides.emplace(path.substr(0, path.size() - parameter.size() - 1), value);
            }
            return overrides;
        });
}

Result<Values> Instance::site_overrides(const std::vector<std::string>& parameters) const {
    const auto text = master_cf();
    if (!text) {
        return tl::unexpected(text.error());
    }
    std::vector<std::string> arguments{"-Px"};
    for (const std::string& parameter : parameters) {
        arguments.push_back(fmt::format("*/*/{}", parameter));
    }
    std::string site = without(*text, ConfigKind::master_cf, [](const std::string& name) {
        return name.starts_with(service_prefix) && name.ends_with("/unix");
    });
    return ask_copy(std::move(arguments), std::move(site)).map([](const std::string& out) {
        return parse_values(out);
    });
}

Result<Instance::Texts> Instance::edit_services(const Edits& services) {
    std::vector<std::vector<std::string>> commands;
    std::set<std::string> named;
    const auto add = [&](const char* option, std::string argument) {
        // A command line has its bounds.
        if (commands.empty() || commands.back()[1] != option || commands.back().size() > 50) {
            commands.push_back({"-M", option});
        }
        commands.back().push_back(std::move(argument));
    };
    for (const auto& [name, entry] : services) {
        named.insert(path_of(name));
        if (!entry) {
            add("-X", path_of(name));
        }
    }
    for (const auto& [name, entry] : services) {
        if (entry) {
            add("-e", fmt::format("{}={}", path_of(name), *entry));
        }
    }
    auto edit = ConfigEdit::begin(m_config_directory, ConfigKind::master_cf);
    if (!edit) {
        return tl::unexpected(edit.error());
    }
    if (!commands.empty()) {
        if (auto done =
                edit->run_postconf(commands, [&](const std::string& name) { return named.contains(name); });
            !done) {
            return tl::unexpected(done.error());
        }
    }
    if (auto done = edit->commit(); !done) {
        return tl::unexpected(done.error());
    }
    return Texts{edit->before(), edit->text()};
}

Result<bool> Instance::is_running() const {
    const fs::path pid_file = fs::path(m_queue_directory) / "pid" / "master.pid";
    const FileDescriptor file(::open(pid_file.c_str(), O_RDWR | O_CLOEXEC));
    if (!file.is_open()) {
        if (errno == ENOENT) {
            return false;
        }
        return fail(fmt::format("cannot tell whether Postfix is running: {}: {}", pid_file.string(),
                                std::strerror(errno)),
                    errno == EACCES ? "run this as root" : "");
    }
    if (flock(file.get(), LOCK_EX | LOCK_NB) == 0) {
        return false;
    }
    if (errno != EWOULDBLOCK) {
        return fail(fmt::format("cannot tell whether Postfix is running: {}: {}", pid_file.string(),
                                std::strerror(errno)));
    }
    return true;
}

Result<void> Instance::reload() const {
    const auto result = run_command({"postfix", "-c", m_config_directory, "reload"}, postfix_limit);
    if (!result) {
        return tl::unexpected(result.error());
    }
    if (result->exit_status != 0) {
        return fail(fmt::format("postfix -c {} reload failed with exit status {}", m_config_directory,
                                result->exit_status),
                    "its reason is in the mail log");
    }
    return {};
}

Result<void> restore_text(const std::string& config_directory, ConfigKind kind, const std::string& expected,
                          const std::string& text) {
    auto edit = ConfigEdit::begin(config_directory, kind);
    if (!edit) {
        return tl::unexpected(edit.error());
    }
    if (edit->text() != expected) {
        return fail(fmt::format("somebody else has changed {} meanwhile",
                                kind == ConfigKind::main_cf ? "main.cf" : "master.cf"));
    }
    edit->set_text(text);
    return edit->commit();
}

bool version_at_least(const std::string& mail_version, int major, int minor) {
    const char* const end = mail_version.data() + mail_version.size();
    int have_major = 0;
    int have_minor = 0;
    const auto after_major = std::from_chars(mail_version.data(), end, have_major);
    if (after_major.ec != std::errc() || after_major.ptr == end || *after_major.ptr != '.' ||
        std::from_chars(after_major.ptr + 1, end, have_minor).ec != std::errc()) {
        return false;
    }
    return have_major > major || (have_major == major && have_minor >= minor);
}

} // namespace sendconnector::conf::postfix
