// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/queue_file.hpp"

#include <algorithm>
#include <optional>

namespace sendconnector::ctl {
namespace {

// "*** NAME PATH ***": its path.
std::optional<std::string_view> section(std::string_view line, std::string_view name) {
    constexpr std::string_view stars = "***";
    if (!line.starts_with(stars) || !line.ends_with(stars) ||
        line.size() < 2 * stars.size() + name.size() + 3)
        return std::nullopt;
    line = line.substr(stars.size() + 1, line.size() - 2 * (stars.size() + 1));
    if (!line.starts_with(name) || line[name.size()] != ' ')
        return std::nullopt;
    return line.substr(name.size() + 1);
}

class Reader {
public:
    void take(std::string_view line) {
        if (const auto path = section(line, "ENVELOPE RECORDS"); path && m_part == Part::none) {
            m_file = QueueFile{};
            m_path = *path;
            m_file.path = m_path;
            m_file.queue_id = path->substr(path->rfind('/') + 1);
            m_part = Part::envelope;
        } else if (m_part == Part::contents) {
            // A line of the message itself may look like anything; it does not know where it is kept.
            if (section(line, "HEADER EXTRACTED") == m_path)
                m_part = Part::extracted;
        } else if (section(line, "MESSAGE CONTENTS") == m_path && m_part == Part::envelope) {
            m_part = Part::contents;
        } else if (section(line, "MESSAGE FILE END") == m_path && m_part == Part::extracted) {
            m_done.push_back(std::move(m_file));
            m_part = Part::none;
        } else if (m_part != Part::none) {
            take_record(line);
        }
    }
    std::vector<QueueFile> done() { return std::move(m_done); }

private:
    enum class Part { none, envelope, contents, extracted };

    void take_record(std::string_view line) {
        const std::size_t colon = line.find(": ");
        if (colon == std::string_view::npos)
            return;
        const std::string_view name = line.substr(0, colon);
        const std::string_view value = line.substr(colon + 2);
        if (name == "content_filter")
            m_file.filter = value;
        else if (name == "named_attribute" && value.starts_with("log_ident="))
            m_file.first_id = value.substr(10);
    }

    Part m_part = Part::none;
    std::string m_path;
    QueueFile m_file;
    std::vector<QueueFile> m_done;
};

} // namespace

std::vector<QueueFile> parse_queue_files(std::string_view text) {
    Reader reader;
    // What has no newline at its end is cut off.
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        reader.take(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    return reader.done();
}

FilterTarget parse_filter(std::string_view filter) {
    const std::size_t colon = std::min(filter.find(':'), filter.size());
    FilterTarget target{std::string(filter.substr(0, colon)), {}};
    std::string_view hops = filter.substr(std::min(colon + 1, filter.size()));
    while (!hops.empty()) {
        const std::size_t end = std::min(hops.find_first_of(", "), hops.size());
        if (end > 0)
            target.next_hops.emplace_back(hops.substr(0, end));
        hops.remove_prefix(std::min(end + 1, hops.size()));
    }
    std::ranges::sort(target.next_hops);
    return target;
}

} // namespace sendconnector::ctl
