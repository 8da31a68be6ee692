// SPDX-License-Identifier: Apache-2.0
// LineFraming: one request a line, one reply a line. The control socket's framing.
#pragma once

#include "milter/endpoint/framing.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace sendconnector::daemon {

// Lines end in LF, or CR LF; a request has at most `limit` octets.
class LineFraming : public endpoint::Framing {
public:
    static constexpr std::size_t default_limit = 4096;

    explicit LineFraming(std::size_t limit = default_limit) : m_limit(limit) {}

    Step take(std::string_view& input) override;
    std::string_view request() const override { return m_line; }
    bool in_progress() const override { return m_unfinished; }
    std::string problem() const override;
    void append_reply(std::string& out, std::string_view reply) const override { out.append(reply) += '\n'; }

private:
    std::size_t m_limit;
    std::string m_line;
    bool m_unfinished = false;
    bool m_broken = false;
};

} // namespace sendconnector::daemon
