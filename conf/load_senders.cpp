// SPDX-License-Identifier: Apache-2.0
#include "conf/load_senders.hpp"

#include "conf/plain_text.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fmt/format.h>
#include <thread>
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace sendconnector::conf {

namespace {

constexpr unsigned most_threads = 8;

unsigned threads_to_use() {
    return std::clamp(std::thread::hardware_concurrency(), 1U, most_threads);
}

std::uint64_t size_of(const std::string& file) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(file, error);
    return error ? 0 : size;
}

} // namespace

std::string SenderTables::Place::text() const {
    return fmt::format("{}:{}:{}", file, at.line, at.column);
}

SenderTables::SenderTables(const Draft& draft, std::vector<Finding>& findings, const LoadProgress& progress)
    : m_draft(draft), m_findings(findings), m_progress(progress) {
    std::size_t inline_senders = 0;
    for (const ConnectorDraft& each : draft.connectors) {
        m_connectors.add(each.connector.name, each.connector.sender_identity);
        m_is_limited.push_back(each.written.has("senders") || each.written.has("senders_file"));
        m_first_inline.push_back(inline_senders);
        inline_senders += each.connector.senders.size();
        m_all += size_of(each.connector.senders_file);
    }
    for (const std::string& file : draft.settings.sender_tables) {
        m_all += size_of(file);
    }
    m_all *= 2; // read, and understood
    m_counts.resize(draft.connectors.size());
}

policy::SenderList SenderTables::read() {
    // An entry takes some octets more than its line; what turns out too much is never touched.
    m_list.reserve(m_all / 4 * 3);
    const Written* written = m_draft.settings.written.find("files");
    for (std::size_t i = 0; i < m_draft.settings.sender_tables.size(); ++i) {
        read_one(m_draft.settings.sender_tables[i], std::nullopt, written->elements[i]);
    }
    m_end_of_tables = m_list.size();
    for (std::uint32_t i = 0; i < m_draft.connectors.size(); ++i) {
        const ConnectorDraft& each = m_draft.connectors[i];
        if (!each.connector.senders_file.empty()) {
            read_one(each.connector.senders_file, i, each.place_of({"senders_file"}));
        }
    }
    if (!refuses(m_findings)) {
        check_nobody();
    }
    return std::move(m_list);
}

void SenderTables::read_one(const std::string& file, std::optional<std::uint32_t> owner, Spot written) {
    const auto progress = [&](std::size_t octets) {
        if (m_progress && m_all > 0) {
            m_progress(std::min(m_done + octets, m_all), m_all);
        }
    };
    const auto text = read_steady_file(file, largest_table, progress);
    if (!text) {
        return tell_unreadable(file, owner, written, text.error());
    }
    m_done += text->size;
    m_digest = XXH3_64bits_withSeed(text->octets.get(), text->size, m_digest + 1);
    const std::size_t first = m_list.size();
    TableContent content = read_sender_table(
        text->text(),
        {.connectors = &m_connectors, .owner = owner, .threads = threads_to_use(), .progress = progress},
        m_list);
    m_done += text->size;
    tell_problems(file, owner, content);
    if (!owner) {
        check_named(file, content.named);
    }
    for (std::size_t i = 0; i < content.counts.size(); ++i) {
        m_counts[i] += content.counts[i];
    }
    m_parts.push_back({file, owner, first, std::move(content.places)});
}

Reporter SenderTables::reporter_of(std::optional<std::uint32_t> owner) {
    return owner ? Reporter(m_findings, m_draft.connectors[*owner])
                 : Reporter(m_findings, m_draft.settings.file);
}

void SenderTables::tell_unreadable(const std::string& file, std::optional<std::uint32_t> owner, Spot written,
                                   const FileProblem& problem) {
    std::string text = fmt::format("{}: {} {}", owner ? "senders_file" : "files", file, problem.error.text);
    std::string hint = problem.error.hint;
    if (problem.error_number == EACCES) {
        hint = "let the user that sendconnectord runs as read it, and search the folders above it: chgrp "
               "sendconnector and chmod 0640 do for most";
    }
    if (owner && !m_draft.connectors[*owner].connector.enabled) {
        return reporter_of(owner).warning(written, std::move(text), std::move(hint));
    }
    reporter_of(owner).error(written, std::move(text), std::move(hint));
}

void SenderTables::tell_problems(const std::string& file, std::optional<std::uint32_t> owner,
                                 TableContent& content) {
    Reporter report(m_findings, file, owner ? m_draft.connectors[*owner].shown : std::string());
    for (TableProblem& problem : content.problems) {
        report.error(problem.at, std::move(problem.error.text), std::move(problem.error.hint));
    }
    if (content.more_problems > 0) {
        report.error(content.more_at, fmt::format("and {} more lines like these", content.more_problems),
                     "correct those above first");
    }
}

// Without senders a connector is for everybody: so it would be, too, when the last line goes that names it.
void SenderTables::check_named(const std::string& file, const std::vector<Spot>& named) {
    for (std::size_t i = 0; i < named.size(); ++i) {
        if (named[i].line == 0 || m_is_limited[i]) {
            continue;
        }
        m_is_limited[i] = true; // once is enough
        const ConnectorDraft& connector = m_draft.connectors[i];
        Reporter(m_findings, connector)
            .error(
                connector.place_of({"name"}),
                fmt::format("the connector is for every sender, since it has no senders, and {}:{}:{} names "
                            "one",
                            file, named[i].line, named[i].column),
                "add senders = [] for those in the files of [sender_tables] alone");
    }
}

void SenderTables::check_nobody() {
    for (std::size_t i = 0; i < m_draft.connectors.size(); ++i) {
        const ConnectorDraft& each = m_draft.connectors[i];
        if (!each.connector.enabled || !each.connector.senders.empty() || m_counts[i] > 0 ||
            policy::fold_case(each.connector.name) ==
                policy::fold_case(m_draft.settings.policy.default_connector)) {
            continue;
        }
        const bool has_file = !each.connector.senders_file.empty();
        Reporter(m_findings, each)
            .warning(each.place_of({"senders_file", "senders"}),
                     has_file
                         ? fmt::format("the connector is for nobody: {} lists no sender",
                                       each.connector.senders_file)
                         : std::string("the connector is for nobody: no file of [sender_tables] names it"),
                     "list its senders, or set enabled = false");
    }
}

std::size_t SenderTables::file_of(std::size_t number) const {
    for (std::size_t i = 0; i < m_parts.size(); ++i) {
        if (number < m_parts[i].first + m_parts[i].places.size()) {
            return i;
        }
    }
    return m_parts.size();
}

SenderTables::Place SenderTables::place_of(std::size_t number) const {
    const std::size_t index = file_of(number);
    if (index < m_parts.size()) {
        const Part& part = m_parts[index];
        return {part.file, part.places.at(number - part.first),
                part.owner ? m_draft.connectors[*part.owner].shown : std::string(), true};
    }
    const std::size_t listed = m_parts.empty() ? 0 : m_parts.back().first + m_parts.back().places.size();
    const std::size_t inline_number = number - listed;
    const auto behind = std::upper_bound(m_first_inline.begin(), m_first_inline.end(), inline_number);
    const auto connector = static_cast<std::size_t>(behind - m_first_inline.begin()) - 1;
    const ConnectorDraft& draft = m_draft.connectors[connector];
    const Written* written = draft.written.find("senders");
    const std::size_t element = inline_number - m_first_inline[connector];
    const bool is_written = written != nullptr && element < written->elements.size();
    return {draft.file, is_written ? written->elements[element] : draft.at, draft.shown, false};
}

} // namespace sendconnector::conf
