// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/steps.hpp"

#include "conf/postfix/attach.hpp"
#include "conf/postfix/listening.hpp"
#include "conf/postfix/split_services.hpp"

#include <fmt/format.h>

namespace sendconnector::conf::postfix {
namespace {

bool same(const Applied& left, const Applied& right) {
    const auto services = [](const Applied& applied) {
        std::map<std::string, std::tuple<std::string, std::string, std::string>> all;
        for (const auto& [name, service] : applied.services) {
            all[name] = {service.connector, service.settings, service.rendered};
        }
        return all;
    };
    return left.config_directory == right.config_directory && left.queue_directory == right.queue_directory &&
           left.mail_version == right.mail_version && left.helo_name == right.helo_name &&
           left.host_names == right.host_names && left.split_listener == right.split_listener &&
           left.facts.same_as(right.facts) && left.pending == right.pending &&
           services(left) == services(right);
}

void check_owner(const Configuration& configuration, Work& work) {
    const auto refuse = [&](std::string text, std::string hint) {
        work.desired.findings.push_back(
            {Severity::error, configuration.file.string(), 0, 0, "", std::move(text), std::move(hint)});
    };
    const Applied& applied = work.current.applied;
    if ((!applied.services.empty() || !applied.pending.empty()) &&
        applied.config_directory != work.desired.applied.config_directory) {
        refuse(
            fmt::format("{} is in use for the Postfix instance {}", configuration.daemon.state_directory,
                        applied.config_directory),
            fmt::format(
                "choose another state_directory, or run sendconnectorctl disable --postfix-config {} first",
                applied.config_directory));
    }
    for (const auto& [name, entry] : work.desired.services) {
        const auto there = work.current.services.find(name);
        // One that is what we would write does no harm, whoever wrote it: the records may have been lost.
        if (there != work.current.services.end() && !work.current.is_ours(name) &&
            !same_entry(there->second, entry)) {
            refuse(fmt::format("master.cf has a service {} that sendconnectorctl apply did not make", name),
                   fmt::format("rename or remove it: postconf -MX {}{}", name,
                               name.find('/') == std::string::npos ? "/unix" : ""));
        }
    }
}

// master(8) ends itself, and with it all of Postfix, when somebody else listens where it is told to.
void check_listener(const Configuration& configuration, const Instance& instance, Work& work) {
    const std::string& listener = work.desired.applied.split_listener;
    if (listener.empty()) {
        return;
    }
    const std::string name = split_listener_name(listener);
    if (work.current.services.contains(name) && instance.is_running().value_or(true)) {
        return; // Postfix itself listens there
    }
    const auto taken = is_listened_on(listener);
    if (taken && !*taken) {
        return;
    }
    work.desired.findings.push_back(
        {Severity::error, configuration.file.string(), 0, 0, "",
         taken
             ? fmt::format("another program listens on {}, where Postfix is to take back messages that have "
                           "to be split",
                           listener)
             : fmt::format("Postfix cannot take back messages that have to be split: {}", taken.error().text),
         fmt::format("set split_listener in [postfix] to a free port of 127.0.0.1 (ss -ltnp shows who has "
                     "port {})",
                     listener.substr(listener.rfind(':') + 1))});
}

std::string settings_of(const Applied& applied) {
    std::string text;
    for (const auto& [name, service] : applied.services) {
        text += fmt::format("{} settings={:.12} rendered={:.12}\n", name, service.settings, service.rendered);
    }
    if (!applied.mail_version.empty()) {
        text += fmt::format("config_directory={} queue_directory={} mail_version={} helo_name={}\n",
                            applied.config_directory, applied.queue_directory, applied.mail_version,
                            applied.helo_name);
    }
    if (!applied.split_listener.empty()) {
        text += fmt::format("split_listener={}\n", applied.split_listener);
    }
    if (!applied.mail_version.empty()) {
        text += to_string(applied.facts);
    }
    for (const std::string& name : applied.pending) {
        text += fmt::format("unfinished {}\n", name);
    }
    return text;
}

} // namespace

Result<Work> work_out(const Configuration& configuration, const Instance& instance) {
    auto want = desired(configuration, instance);
    auto have = current(configuration, instance);
    if (!want || !have) {
        return tl::unexpected(!want ? want.error() : have.error());
    }
    Work work{std::move(*want), std::move(*have), {}};
    check_owner(configuration, work);
    check_listener(configuration, instance, work);

    for (const auto& [name, entry] : work.desired.services) {
        const auto there = work.current.services.find(name);
        if (there == work.current.services.end() || !same_entry(there->second, entry)) {
            work.steps.services[name] = entry;
        }
    }
    for (const auto& [name, entry] : work.current.services) {
        if (work.current.is_ours(name) && !work.desired.services.contains(name)) {
            work.steps.old_services.insert(name);
        }
    }
    for (const auto& [name, file] : work.desired.files) {
        const auto there = work.current.files.find(name);
        if (there == work.current.files.end() || there->second.mode != file.mode ||
            there->second.content != file.content) {
            work.steps.files.push_back(file);
        }
    }
    for (const auto& [name, file] : work.current.files) {
        if (!work.desired.files.contains(name)) {
            work.steps.old_files.insert(name);
        }
    }
    // Attached by an enable that did not have to split messages yet.
    if (!work.desired.applied.split_listener.empty()) {
        auto attached = attachment_state(configuration, instance);
        if (!attached) {
            return tl::unexpected(attached.error());
        }
        if (attached->missing == std::vector<std::string>{std::string(split_limit_parameter)} &&
            attached->attachment == Attachment::partly) {
            work.steps.parameters = std::move(attached->missing);
        }
    }
    work.steps.record = !same(work.current.applied, work.desired.applied);
    work.steps.marks = work.current.applied.facts.marks != work.desired.applied.facts.marks;
    return work;
}

std::vector<Change> changes(const Configuration& configuration, const Work& work) {
    std::vector<Change> list;
    for (const auto& [name, entry] : work.steps.services) {
        const auto there = work.current.services.find(name);
        const bool is_new = there == work.current.services.end();
        list.push_back({is_new ? Change::Kind::add_service : Change::Kind::change_service, name,
                        is_new ? "" : there->second, *entry});
    }
    for (const std::string& name : work.steps.old_services) {
        list.push_back({Change::Kind::remove_service, name, work.current.services.at(name), ""});
    }
    const auto shown = [](mode_t mode, const std::string& content) {
        return (mode & 077U) == 0 ? "(secret)" : content;
    };
    const std::filesystem::path folder = files_directory(configuration);
    for (const RenderedFile& file : work.steps.files) {
        const auto there = work.current.files.find(file.name);
        const bool is_new = there == work.current.files.end();
        // A secret that stands in a readable file is still one.
        list.push_back({is_new ? Change::Kind::add_file : Change::Kind::change_file, folder / file.name,
                        is_new             ? ""
                        : file.is_secret() ? "(secret)"
                                           : shown(there->second.mode, there->second.content),
                        shown(file.mode, file.content)});
    }
    for (const std::string& name : work.steps.old_files) {
        const StoredFile& file = work.current.files.at(name);
        list.push_back({Change::Kind::remove_file, folder / name,
                        name.ends_with(".sasl") ? "(secret)" : shown(file.mode, file.content), ""});
    }
    for (const std::string& parameter : work.steps.parameters) {
        list.push_back({Change::Kind::set_parameter, parameter, "", fmt::format("{} = 1", parameter)});
    }
    if (work.steps.record) {
        list.push_back({Change::Kind::state, applied_file(configuration.daemon.state_directory),
                        settings_of(work.current.applied), settings_of(work.desired.applied)});
    }
    return list;
}

} // namespace sendconnector::conf::postfix
