// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/attach.hpp"

#include "conf/postfix/applied.hpp"
#include "conf/postfix/attachment_parts.hpp"
#include "conf/postfix/attachment_record.hpp"
#include "conf/postfix/config_edit.hpp"
#include "conf/postfix/desired.hpp"
#include "conf/postfix/durable_file.hpp"
#include "conf/postfix/removal.hpp"
#include "conf/postfix/split_services.hpp"
#include "conf/postfix/state_lock.hpp"
#include "conf/postfix/transaction.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace sendconnector::conf::postfix {
namespace {

namespace fs = std::filesystem;

class Disabling {
public:
    Disabling(const Configuration& configuration, Instance& instance)
        : m_configuration(configuration), m_instance(instance),
          m_state(configuration.daemon.state_directory) {}

    Result<AttachReport> run() {
        const SignalDelay signals;
        for (auto step : {&Disabling::begin, &Disabling::restore_main_cf, &Disabling::reload,
                          &Disabling::remove_our_services, &Disabling::remove_our_files}) {
            if (auto done = (this->*step)(); !done) {
                return tl::unexpected(done.error());
            }
        }
        return std::move(m_report);
    }

private:
    Result<void> begin() {
        auto parts = attachment_parts(m_configuration, m_instance);
        auto record = read_attachment(m_state);
        auto applied = read_applied(m_state);
        auto services = m_instance.services();
        if (!record || !applied || !services) {
            return tl::unexpected(!record ? record.error() : !applied ? applied.error() : services.error());
        }
        m_services = std::move(*services);
        const std::string& here = m_instance.config_directory();
        for (const auto& [used, directory] :
             {std::pair(!record->parameters.empty(), &record->config_directory),
              std::pair(!applied->services.empty() || !applied->pending.empty(),
                        &applied->config_directory)}) {
            if (used && *directory != here) {
                return fail(fmt::format("{} is in use for the Postfix instance {}, not for {}", m_state,
                                        *directory, here),
                            fmt::format("run this with --postfix-config {}", *directory));
            }
        }
        // A socket may have moved to where it cannot be since; then only the record knows what is ours.
        if (parts) {
            m_parts = std::move(*parts);
        }
        for (const auto& [name, parameter] : record->parameters) {
            m_parts.push_back(
                {name, parameter.entry,
                 name == split_limit_parameter ? AttachmentPart::Place::only : AttachmentPart::Place::last});
        }
        m_record = std::move(*record);
        m_applied = std::move(*applied);
        return {};
    }

    Result<void> restore_main_cf() {
        auto edit = ConfigEdit::begin(m_instance.config_directory(), ConfigKind::main_cf);
        if (!edit) {
            return tl::unexpected(edit.error());
        }
        for (const AttachmentPart& part : m_parts) {
            if (auto done = restore_one(*edit, part); !done) {
                return done;
            }
        }
        if (m_record.unterminated_line) {
            edit->set_text(without_final_newline(edit->text(), *m_record.unterminated_line));
        }
        return edit->commit();
    }

    Result<void> restore_one(ConfigEdit& edit, const AttachmentPart& part) {
        const std::string& name = part.parameter;
        if (const auto record = m_record.parameters.find(name); record != m_record.parameters.end()) {
            if (auto text = put_back(edit.text(), name, record->second)) {
                edit.set_text(std::move(*text));
                m_record.parameters.erase(record);
                m_restored.push_back(name);
                m_report.changed.push_back(fmt::format("{}: as it was before enable", name));
                return {};
            }
        }
        if (std::find(m_restored.begin(), m_restored.end(), name) != m_restored.end()) {
            return {};
        }
        return remove_entry(edit, part);
    }

    // Somebody has changed the parameter since enable, or it was set by hand.
    Result<void> remove_entry(ConfigEdit& edit, const AttachmentPart& part) {
        const std::string& name = part.parameter;
        // What is no list's entry is only known to be ours by the record.
        if (part.place == AttachmentPart::Place::only && !m_record.parameters.contains(name)) {
            return {};
        }
        const auto written = m_taken.contains(name) ? Result<Values>(m_taken)
                                                    : written_values({part}, m_instance, edit.text());
        if (!written) {
            return tl::unexpected(written.error());
        }
        const std::string& was = written->at(name);
        const std::string value = without_part(part, was);
        if (value == was) {
            return {};
        }
        const std::vector<std::string> command =
            value.empty() ? std::vector<std::string>{"-X", name}
                          : std::vector<std::string>{"-e", fmt::format("{}={}", name, value)};
        if (auto done = edit.run_postconf({command}, [&](const std::string& line) { return line == name; });
            !done) {
            return done;
        }
        m_taken[name] = value;
        m_report.changed.push_back(
            fmt::format("{}: was {}, is {}", name, was, value.empty() ? "not set" : value));
        return {};
    }

    Result<void> reload() {
        const auto running = m_instance.is_running();
        if (!running) {
            return tl::unexpected(running.error());
        }
        m_running = *running;
        if (!m_running || m_report.changed.empty()) {
            return {};
        }
        m_report.postfix_reloaded = true;
        return m_instance.reload();
    }

    Result<void> remove_our_services() {
        std::set<std::string> ours;
        for (const auto& [name, entry] : m_services) {
            if (m_applied.services.contains(name) || m_applied.pending.contains(name)) {
                ours.insert(name);
                m_report.changed.push_back(fmt::format("master.cf: {} removed", name));
            }
        }
        m_applied.services.clear();
        m_applied.pending.clear();
        if (auto done = remove_services(m_instance, ours, m_applied); !done) {
            return done;
        }
        if (!ours.empty() && m_running) {
            m_report.postfix_reloaded = true;
            return m_instance.reload();
        }
        return {};
    }

    Result<void> remove_our_files() {
        const fs::path folder = files_directory(m_configuration);
        std::error_code error;
        std::vector<fs::path> files{applied_file(m_state), attachment_file(m_state)};
        for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
             entry.increment(error)) {
            files.push_back(entry->path());
        }
        for (const fs::path& file : files) {
            if (auto done = remove_file(file); !done) {
                return done;
            }
        }
        fs::remove(folder, error);
        return {};
    }

    const Configuration& m_configuration;
    Instance& m_instance;
    std::string m_state;
    std::vector<AttachmentPart> m_parts;
    AttachmentRecord m_record;
    Applied m_applied;
    Values m_services;
    std::vector<std::string> m_restored;
    Values m_taken; // what remove_entry() left of a parameter
    bool m_running = false;
    AttachReport m_report;
};

} // namespace

Result<AttachReport> disable(const Configuration& configuration, Instance& instance) {
    const auto lock = lock_state(configuration);
    if (!lock) {
        return tl::unexpected(lock.error());
    }
    return Disabling(configuration, instance).run();
}

} // namespace sendconnector::conf::postfix
