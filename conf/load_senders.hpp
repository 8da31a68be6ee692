// SPDX-License-Identifier: Apache-2.0
// SenderTables: what senders_file of the connectors and [sender_tables] list, as one policy::SenderList.
#pragma once

#include "conf/draft.hpp"
#include "conf/read_file.hpp"
#include "conf/sender_table.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf {

class SenderTables {
public:
    // All of these outlive this one.
    SenderTables(const Draft& draft, std::vector<Finding>& findings, const LoadProgress& progress);

    // Reads the files, those of [sender_tables] first. What is wrong with them becomes findings. Throws
    // std::bad_alloc.
    policy::SenderList read();

    // Where a sender stands that policy::Policy has under this number: behind those of the files come those
    // that the connectors list themselves.
    struct Place {
        std::string file;
        Spot at;
        std::string connector; // whose list it stands in; empty: a file of [sender_tables]
        bool is_in_file = true;
        std::string text() const; // "FILE:LINE:COLUMN"
    };
    Place place_of(std::size_t number) const;
    // The file in which it stands, counted from 0; one behind the last for what connectors list themselves.
    std::size_t file_of(std::size_t number) const;
    bool is_of_tables(std::size_t number) const { return number < m_end_of_tables; }
    std::size_t files() const { return m_parts.size(); }
    const std::string& file(std::size_t index) const { return m_parts[index].file; }

    // Of the contents of all files.
    std::uint64_t digest() const { return m_digest; }

private:
    struct Part {
        std::string file;
        std::optional<std::uint32_t> owner; // the connector whose senders_file it is
        std::size_t first;                  // number of its first entry
        EntryPlaces places;
    };

    void read_one(const std::string& file, std::optional<std::uint32_t> owner, Spot written);
    void tell_unreadable(const std::string& file, std::optional<std::uint32_t> owner, Spot written,
                         const FileProblem& problem);
    void tell_problems(const std::string& file, std::optional<std::uint32_t> owner, TableContent& content);
    void check_named(const std::string& file, const std::vector<Spot>& named);
    void check_nobody();
    Reporter reporter_of(std::optional<std::uint32_t> owner);

    const Draft& m_draft;
    std::vector<Finding>& m_findings;
    const LoadProgress& m_progress;
    ConnectorNames m_connectors;
    std::vector<bool> m_is_limited;          // by connector: it says whose mail it is for
    std::vector<std::size_t> m_first_inline; // by connector, from 0
    policy::SenderList m_list;
    std::vector<Part> m_parts;
    std::size_t m_end_of_tables = 0;
    std::uint64_t m_done = 0; // of what m_progress is told
    std::uint64_t m_all = 0;
    std::vector<std::size_t> m_counts; // by connector: senders in files
    std::uint64_t m_digest = 0;
};

} // namespace sendconnector::conf
