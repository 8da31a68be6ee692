// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/mail_log_sources.hpp"

#include "conf/postfix/instance.hpp"
#include "milter/ctl/watched_validation.hpp"
#include "milter/mail_log/journal.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>
#include <unistd.h>

namespace sendconnector::ctl {
namespace {

using mail_log::LogFile;

// Postfix' maillog_file; empty where there is none, or nobody can tell.
std::string maillog_file(const Context& context) {
    const conf::Loaded loaded = context.load();
    const std::optional<conf::Configuration> configuration = configuration_or_places(context, loaded);
    if (!configuration)
        return {};
    const auto values = conf::postfix::Instance::open(configuration->postfix.config_directory)
                            .and_then([](const conf::postfix::Instance& instance) {
                                return instance.parameters({"maillog_file"});
                            });
    const auto found = values ? values->find("maillog_file") : conf::postfix::Values::const_iterator{};
    // A log that goes to standard output (postlog) is nowhere to be read.
    return !values || found == values->end() || found->second.starts_with("/dev/") ? std::string()
                                                                                   : found->second;
}

} // namespace

Result<MailLogSources> MailLogSources::choose(Context& context, const std::optional<mail_log::Time>& since) {
    MailLogSources sources;
    for (const std::string& path : context.invocation().values("log")) {
        Result<LogFile> file = mail_log::log_file(path);
        if (!file)
            return tl::unexpected<Error>(file.error());
        sources.m_files.push_back(std::move(*file));
    }
    if (!sources.m_files.empty())
        return sources;
    const std::string own = maillog_file(context);
    for (const char* path : {"/var/log/mail.log", "/var/log/maillog"})
        if (sources.m_files.empty() && own != path)
            sources.add_rotated(path);
    sources.m_journal = sources.m_files.empty() && mail_log::has_journal();
    if (sources.m_files.empty() && !sources.m_journal && own.empty())
        sources.add_rotated("/var/log/syslog");
    if (!own.empty())
        sources.add_rotated(own);
    if (sources.m_files.empty() && !sources.m_journal)
        return fail("there is no mail log that may be read", "run as root, or name the file: --log FILE");
    if (since)
        std::erase_if(sources.m_files, [&](const LogFile& file) { return file.written < *since; });
    return sources;
}

void MailLogSources::add_rotated(const std::string& path) {
    std::vector<LogFile> files = mail_log::rotated_files(path);
    if (files.empty() && ::access(path.c_str(), F_OK) != 0 && errno == EACCES)
        m_forbidden.push_back(path);
    std::ranges::move(files, std::back_inserter(m_files));
}

void MailLogSources::read(Context& context, const std::optional<mail_log::Time>& since, const Take& take) {
    const bool is_first = m_passes++ == 0;
    const std::string step = fmt::format("reading {}, {} time", text(), is_first ? "first" : "second");
    const auto failed = [&](const Error& error) {
        m_complete = false;
        if (is_first)
            context.warn(to_string(error));
    };
    for (const std::string& path : m_forbidden)
        failed({fmt::format("cannot read {}: {}", path, std::strerror(EACCES)), "run as root"});
    if (m_journal) {
        mail_log::StampReader stamps{mail_log::Time(std::chrono::duration_cast<std::chrono::microseconds>(
            std::chrono::system_clock::now().time_since_epoch()))};
        std::size_t count = 0;
        const auto done = mail_log::read_journal(since, std::nullopt, [&](std::string_view line) {
            if (++count % 100'000 == 0)
                context.transient(fmt::format("{}: {} lines", step, count));
            take(line, stamps);
        });
        if (!done)
            failed(done.error());
    }
    std::uintmax_t all = 0;
    for (const LogFile& file : m_files)
        all += file.size;
    constexpr std::size_t parts = 1000; // of a bar
    std::uintmax_t before = 0;
    for (const LogFile& file : m_files) {
        mail_log::StampReader stamps(file.written);
        const auto done = mail_log::read_lines(
            file, [&](std::string_view line) { take(line, stamps); },
            [&](std::uintmax_t octets) {
                context.transient(bar(
                    static_cast<std::size_t>((before + octets) * parts / std::max<std::uintmax_t>(all, 1)),
                    parts, step));
            });
        if (!done)
            failed(done.error());
        before += file.size;
    }
    context.transient("");
}

std::string MailLogSources::text() const {
    std::vector<std::string> names;
    if (m_journal)
        names.emplace_back("the journal");
    for (const LogFile& file : m_files)
        names.push_back(file.path.string());
    return names.size() > 3 ? fmt::format("{} and {} more", names.back(), names.size() - 1)
                            : fmt::format("{}", fmt::join(names, ", "));
}

} // namespace sendconnector::ctl
