// SPDX-License-Identifier: Apache-2.0
// LogView: rows of a protocol log, as conversations that a person can read.
#pragma once

#include "milter/ctl/context.hpp"
#include "milter/mail_log/send_log_row.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace sendconnector::ctl {

class LogView {
public:
    // `live`: every row at once, under a line that says whose it is where that changes. Else each
    // conversation as a whole, when it has ended.
    LogView(Context& context, bool live) : m_context(context), m_live(live) {}
    void add(mail_log::SendLogRow row);
    // Those that have not ended, and the end of the JSON, with whether all could be read.
    void finish(bool is_complete);
    bool is_empty() const { return m_is_empty; }

private:
    using Rows = std::vector<mail_log::SendLogRow>;
    void show(const Rows& rows);
    void show_head(const mail_log::SendLogRow& row);
    void show_row(const mail_log::SendLogRow& row);

    Context& m_context;
    bool m_live;
    bool m_is_empty = true;
    std::string m_shown; // the session of the row before
    std::map<std::string, Rows> m_open;
    std::size_t m_open_rows = 0;
    Json m_json = Json::array();
};

} // namespace sendconnector::ctl
